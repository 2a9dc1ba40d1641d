"""Every way to write to the archive: the services that write acts, and the way from sources to
receipts.
"""
