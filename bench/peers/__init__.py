"""The peers: small frozen programs, written as the documentation of what they use says.

They know nothing of Kho.
"""
