"""Keeping: a chart's life after accession, and the archive's own health."""
