"""The tests; their folders mirror the code's.

`house` asks about the project itself, `judges` asks outsiders.
"""
