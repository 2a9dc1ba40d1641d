"""Tests of the services that read."""
