"""What an inspector needs: a set of papers that a person collects, and the ZIP that takes them away
with their proof.
"""
