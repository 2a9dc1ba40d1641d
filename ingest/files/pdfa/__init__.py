"""PDF/A-3b by Kho's own list of checks (ISO 19005-3): what a file must not have, and must bring.

`check.py` is the list; `content.py` reads what pages draw, `colours.py` and `fonts.py` judge what
they use. `in_place.py` makes a file PDF/A that needs little for it, without converting it. Two
answers count: `broken` is certain; `unchecked` names what this list cannot judge. Everything here
runs in a child process.
"""
