"""Certificates: their chains to a trust root, and the evidence in the file for them."""
