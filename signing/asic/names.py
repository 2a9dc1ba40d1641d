"""The names that ETSI EN 319 162-1 gives to the parts of an ASiC-E container,
and its media type.
"""

MIMETYPE = "mimetype"
MEDIA_TYPE = b"application/vnd.etsi.asic-e+zip"  # 4.4.2 and annex A.1
ASIC_MANIFEST = "META-INF/ASiCManifest001.xml"
SIGNATURE = "META-INF/signature001.p7s"
