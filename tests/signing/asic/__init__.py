"""Tests of keys, timestamps, revocation, seals, and of the test PKI itself."""
