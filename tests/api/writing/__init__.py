"""Tests of the way from sources to receipts."""
