"""What a request carries: its files, its cursor, its digests and its idempotency key."""
