"""The REST API, through which a HIS sends charts."""
