"""Kho's side of each comparison, as separate programs:
they share only the machine with the peer.
"""
