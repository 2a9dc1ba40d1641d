"""A local PKI for demonstrations and tests: every subject says TEST, and nothing it signs has legal
value.
"""
