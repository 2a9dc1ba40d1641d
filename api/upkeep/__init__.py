"""The life of an installation: setting up, checking, repairing, rebuilding, and work in the
background.
"""
