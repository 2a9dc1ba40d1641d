"""The archive's own health: checking it against itself, and rebuilding the catalogue."""
