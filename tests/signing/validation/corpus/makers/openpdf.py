"""OpenPDF, the free line of iText 4: what many small hospital programs sign with."""

from collections.abc import Iterator

from tests.signing.validation.corpus.bases import EMPTY_FIELD, KINDS, base
from tests.signing.validation.corpus.makers.java import JavaMaker
from tests.signing.validation.corpus.specimen import Specimen

MAKER = "OpenPDF 2.0"


def specimens(openpdf: JavaMaker) -> Iterator[Specimen]:
    """Yield every file that OpenPDF makes by itself."""
    for kind in KINDS:
        signed = openpdf.sign(base(kind), timestamp=True)
        yield _specimen(f"{kind}-stamped", signed, "detached, with a signature timestamp")
    for kind in ("classic", "form", "rich"):
        signed = openpdf.sign(base(kind), timestamp=True, visible=True)
        yield _specimen(f"{kind}-visible", signed, "visible")
    signed = openpdf.sign(base("classic"), timestamp=True, rewrite=True)
    yield _specimen("rewritten", signed, "the file written again, then signed")
    signed = openpdf.sign(base("form"), timestamp=True, field=EMPTY_FIELD)
    yield _specimen("existing-field", signed, "in the form's own signature field")
    for number in (1, 2, 3):
        signed = openpdf.sign(base("classic"), timestamp=True, certify=number)
        yield _specimen(f"certified-{number}", signed, f"certified, DocMDP P={number}")
    for kind in ("classic", "linear"):
        signed = openpdf.sign(base(kind), filter="sha1")
        yield _specimen(f"{kind}-sha1", signed, "adbe.pkcs7.sha1")
    first = openpdf.sign(base("classic"), timestamp=True)
    second = openpdf.sign(first, "seal-sub", timestamp=True)
    yield _specimen("countersigned", second, "signed, then countersigned")


def _specimen(name: str, pdf: bytes, note: str) -> Specimen:
    return Specimen(f"openpdf-{name}", MAKER, "CMS", pdf, note=note)
