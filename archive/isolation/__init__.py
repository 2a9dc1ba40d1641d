"""Strangers' bytes are read in child processes: their limits, their memory, their sandbox."""
