"""Invented charts for demonstrations, tests and measurements; no person in them exists."""
