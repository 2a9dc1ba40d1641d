"""Tests about the project itself: what the next person may rely on wherever they open it."""
