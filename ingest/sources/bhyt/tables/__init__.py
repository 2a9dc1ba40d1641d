"""Field tables of the insurance XML, one file a decision;
`ingest.sources.bhyt.table` reads them.
"""
