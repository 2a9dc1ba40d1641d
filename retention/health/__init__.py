"""The archive's own health: checking it against itself, and making the catalogue anew."""
