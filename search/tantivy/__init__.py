"""The search index of an embedded home: Tantivy in a folder."""
