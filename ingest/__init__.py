"""Coming in: sources, the form catalogue, rendering and accession, the one way into the archive."""
