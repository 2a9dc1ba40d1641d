"""Tests of accounts, keys and limits."""
