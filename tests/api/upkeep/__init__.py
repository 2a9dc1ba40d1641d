"""Tests of setting up, repairing and rebuilding."""
