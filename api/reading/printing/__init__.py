"""Papers of a morning's work that are printed and not archived: labels, and the handover list."""
