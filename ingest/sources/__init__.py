"""The ways in: every source is parsed into submissions, or refused with everything that is wrong
with it.
"""
