"""Invented charts for demonstrations, tests and measurements; nobody in them exists."""
