"""The vault: a write-once object store under locks that only ever grow."""
