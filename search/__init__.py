"""Finding: Vietnamese text analysis and the full-text index."""
