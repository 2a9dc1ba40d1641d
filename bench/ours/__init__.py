"""Kho's side of each comparison, as programs of their own: nothing is shared with the peer but the machine."""
