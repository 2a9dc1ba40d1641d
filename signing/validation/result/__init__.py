"""The result of a validation: the verdict by one table, and the report with its sentences."""
