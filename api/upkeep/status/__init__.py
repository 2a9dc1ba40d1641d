"""What works now and what does not, for the person who runs the archive: one line a component."""
