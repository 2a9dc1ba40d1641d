"""Finished files: PDFs and images that were made elsewhere; looked at, judged, and made fit to be archived."""
