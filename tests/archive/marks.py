"""A text that takes minutes to normalise: marks of two classes in the wrong order, which are sorted
one by one.
"""

MARKS = "a" + "\u0301" * 100_000 + "\u0323" * 100_000
