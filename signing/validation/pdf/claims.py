"""What a PDF says of itself in its XMP: PDF/A and PDF/UA. A claim, not a judgement."""

from lxml import etree

from signing.validation.pdf.description import parse_xmp

_PDFA = "{http://www.aiim.org/pdfa/ns/id/}"  # ISO 19005
_PDFUA = "{http://www.aiim.org/pdfua/ns/id/}"  # ISO 14289


def pdfa_claims(packet: bytes) -> tuple[str, ...]:
    """Return what an XMP packet claims, e.g. `("PDF/A-3A", "PDF/UA-1")`; nothing where it cannot be
    read.
    """
    xmp = parse_xmp(packet)
    if xmp is None:
        return ()  # a claim that cannot be read is no claim
    part, conformance = _find(xmp, _PDFA + "part"), _find(xmp, _PDFA + "conformance")
    ua_part = _find(xmp, _PDFUA + "part")
    return tuple(
        claim
        for claim, is_claimed in (
            (f"PDF/A-{part}{conformance}".upper(), part),
            (f"PDF/UA-{ua_part}", ua_part),
        )
        if is_claimed
    )


def is_pdfa(claim: str) -> bool:
    """Return whether `claim`, one of :func:`pdfa_claims`, is of PDF/A."""
    return claim.startswith("PDF/A-")


def _find(xmp: etree._Element, name: str) -> str:
    """Return a simple XMP property, written as an element or as an attribute; only letters and
    digits count.
    """
    for element in xmp.iter():
        value = element.get(name) or (element.text if element.tag == name else None)
        if value and value.strip().isalnum():
            return str(value.strip())[:8]
    return ""
