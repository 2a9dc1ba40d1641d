"""Tasks of people in a real browser: each file is named after one task."""
