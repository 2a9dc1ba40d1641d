"""ASiC-E containers with a CAdES signature (ETSI EN 319 162-1): files, their signed list, the
signature, in one ZIP.
"""
