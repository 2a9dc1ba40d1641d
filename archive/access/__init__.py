"""Who may see what: actors with roles, and scopes that every query takes."""
