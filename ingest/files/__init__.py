"""Finished files: PDFs and images that were made elsewhere; Kho examines, judges and converts them
for archiving.
"""
