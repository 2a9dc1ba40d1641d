"""Connections of `kho serve`: how many there are, what they may send before Kho knows the caller,
how slow they may be.

waitress reads and writes; this folder adds what it leaves open. The application decides on the
headers of a large body before its bytes arrive (`announcement.py`), disk space for bodies has a
quota (`room.py`), and every refusal that no application sees is a problem (RFC 9457,
`refusals.py`).
"""
