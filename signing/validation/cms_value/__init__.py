"""The value of one signature: a CMS SignedData (RFC 5652), read as strict DER."""
