"""What a PDF says of itself: the information dictionary and the XMP packet (ISO 32000-2, 14.3)."""

import pikepdf
from lxml import etree

from signing.validation.pdf.equality import Equality

MOST_BYTES = 4 << 20
# When and by which program the file was written last: many programs renew these in passing.
_DATES = frozenset({"/ModDate", "/Producer"})
_XMP_DATES = frozenset(
    {
        "{http://ns.adobe.com/xap/1.0/}ModifyDate",
        "{http://ns.adobe.com/xap/1.0/}MetadataDate",
        "{http://ns.adobe.com/pdf/1.3/}Producer",
    }
)
_XMP_INSTANCE = "{http://ns.adobe.com/xap/1.0/mm/}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"  # how it is written, not what it says
_TOOLKIT = "{adobe:ns:meta/}xmptk"


def only_dates_differ(old: object, new: object, equality: Equality) -> bool:
    """Return if two descriptions differ in the date and program of the last writing only.

    Each is an information dictionary, an XMP stream, or absent; `equality` compares what lies in
    objects of their own.
    """
    if isinstance(new, pikepdf.Stream):
        before, after = [] if old is None else _properties(old), _properties(new)
        return before is not None and before == after
    if isinstance(new, pikepdf.Dictionary) and (old is None or isinstance(old, pikepdf.Dictionary)):
        return equality.differing_keys(old or pikepdf.Dictionary(), new) <= _DATES
    return False


def xmp_of(pdf: pikepdf.Pdf) -> bytes:
    """Return the document's XMP packet; empty where there is none, or it cannot be unpacked."""
    metadata = pdf.Root.get("/Metadata")
    try:
        return metadata.read_bytes() if isinstance(metadata, pikepdf.Stream) else b""
    except pikepdf.PdfError:
        return b""


def parse_xmp(packet: bytes) -> etree._Element | None:
    """Return the root of an XMP packet; None where it cannot be read."""
    if not 0 < len(packet) <= MOST_BYTES:
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False
    )
    try:
        return etree.fromstring(packet, parser)
    except etree.XMLSyntaxError:
        return None


def _properties(stream: object) -> list[tuple[str, str]] | None:
    """Return names and values of an XMP packet, whether written as elements or as attributes."""
    if not isinstance(stream, pikepdf.Stream):
        return None
    try:
        root = parse_xmp(stream.read_bytes())
    except pikepdf.PdfError:
        root = None
    if root is None:
        return None
    properties = []
    for element in root.iter(etree.Element):
        text = (element.text or "").strip() or element.get(f"{_RDF}resource", "")
        if text and not _is_date(str(element.tag)):
            properties.append((str(element.tag), text))
        properties += [
            (str(name), str(value))
            for name, value in element.items()
            if value.strip() and not str(name).startswith(_RDF) and not _is_date(str(name))
        ]
    return sorted(properties)


def _is_date(name: str) -> bool:
    return name in _XMP_DATES or name == _TOOLKIT or name.startswith(_XMP_INSTANCE)
