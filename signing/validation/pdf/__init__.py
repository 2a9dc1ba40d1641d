"""A PDF around its signatures: its content, its revisions, its signature fields."""
