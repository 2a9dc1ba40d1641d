"""Callers of pages and API: accounts, keys, permissions, limits, and the log of security events."""
