"""CSV manifests: a backlog of finished files, with a table that says whose they are, which form, and of which day."""
