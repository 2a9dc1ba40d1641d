"""Outside judges: programs that others wrote, asked what they think of the files that Kho makes."""
