"""Access control: actors have roles, and every query takes a scope."""
