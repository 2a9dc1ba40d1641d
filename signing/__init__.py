"""Keys, seals, timestamps, revocation and validation."""
