"""The REST door: what a HIS sends charts through."""
