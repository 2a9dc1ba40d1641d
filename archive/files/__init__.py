"""Folders that other people write into: opened by handles and removed without following a link."""
