"""The search index of a cluster: Elasticsearch."""
