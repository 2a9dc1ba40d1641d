"""Keys that seal: each module yields a `SealKey` from one kind of keeper."""
