"""Tests of the parts of one archive, and homes on every engine."""
