"""Signed PDFs of other makers, made when they are needed: what Kho's validation is held against.

`workshop.py` has the makers, `catalogue.py` every file; `python -m` this package writes them down.
"""
