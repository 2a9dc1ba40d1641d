"""The ledger: an append-only Merkle log of all acts, in the tile form of C2SP tlog-tiles."""
