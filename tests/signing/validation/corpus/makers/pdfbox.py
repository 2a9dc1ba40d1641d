"""Apache PDFBox 3 with a CMS by Bouncy Castle: what programs that are no signing library write."""

from collections.abc import Iterator
from typing import Any

from tests.signing.validation.corpus.bases import EMPTY_FIELD, KINDS, base
from tests.signing.validation.corpus.makers.java import JavaMaker
from tests.signing.validation.corpus.specimen import Specimen

MAKER = "Apache PDFBox 3.0"
PADES = "ETSI.CAdES.detached"
# name, base, level, note, the order to the program
_ROWS: list[tuple[str, str, str, str, dict[str, Any]]] = [
    ("ski", "classic", "CMS", "signer by subjectKeyIdentifier", {"ski": True}),
    ("ski-ber", "objstm", "CMS", "subjectKeyIdentifier, BER", {"ski": True, "ber": True}),
    ("sha1", "classic", "CMS", "adbe.pkcs7.sha1", {"subfilter": "adbe.pkcs7.sha1"}),
    (
        "sha1-ber",
        "rich",
        "CMS",
        "adbe.pkcs7.sha1, BER",
        {"subfilter": "adbe.pkcs7.sha1", "ber": True},
    ),
    ("bare", "classic", "CMS", "no signed attributes", {"bare": True}),
    ("alone", "linear", "CMS", "the signer's certificate alone", {"alone": True}),
    ("sha512", "form", "CMS", "SHA-512", {"digest": "SHA512"}),
    ("ec", "classic", "CMS", "P-256", {"signer": "seal-ec"}),
    ("ec-ber", "form", "CMS", "P-256, BER", {"signer": "seal-ec", "ber": True}),
    ("pss", "rich", "CMS", "RSASSA-PSS", {"pss": True}),
    ("sub", "objstm", "CMS", "below a subordinate CA", {"signer": "seal-sub"}),
    ("visible", "classic", "CMS", "visible", {"visible": True}),
    ("visible-objstm", "objstm", "CMS", "visible", {"visible": True}),
    ("visible-rich", "rich", "B-B", "visible", {"visible": True, "subfilter": PADES}),
    ("existing-field", "form", "CMS", "in the form's own field", {"field": EMPTY_FIELD}),
    ("certified-1", "classic", "CMS", "certified, DocMDP P=1", {"certify": 1}),
    ("certified-2", "form", "CMS", "certified, DocMDP P=2", {"certify": 2}),
    ("certified-3", "rich", "B-B", "certified, DocMDP P=3", {"certify": 3, "subfilter": PADES}),
    ("stamped", "classic", "CMS", "a signature timestamp", {"timestamps": 1}),
    (
        "stamped-ec",
        "objstm",
        "CMS",
        "a P-256 signature timestamp",
        {"timestamps": 1, "tsa": "tsa-ec"},
    ),
    ("stamped-ber", "linear", "CMS", "a signature timestamp, BER", {"timestamps": 1, "ber": True}),
    ("stamped-twice", "rich", "CMS", "two signature timestamps", {"timestamps": 2}),
    ("huge-room", "classic", "CMS", "much room for the signature", {"room": 200_000}),
]


def specimens(pdfbox: JavaMaker) -> Iterator[Specimen]:
    """Yield every file that PDFBox makes by itself."""
    for kind in KINDS:
        yield _specimen(f"{kind}-der", "CMS", pdfbox.sign(base(kind)), "CMS in DER")
        yield _specimen(f"{kind}-ber", "CMS", pdfbox.sign(base(kind), ber=True), "CMS in BER")
    for kind in ("classic", "objstm", "pdfa"):
        signed = pdfbox.sign(base(kind), subfilter=PADES)
        yield _specimen(f"{kind}-B-B", "B-B", signed, "CAdES attributes")
        signed = pdfbox.sign(base(kind), "seal-ec", subfilter=PADES, timestamps=1)
        yield _specimen(f"{kind}-B-T", "B-T", signed, "CAdES attributes, a signature timestamp")
    for name, kind, level, note, order in _ROWS:
        yield _specimen(name, level, pdfbox.sign(base(kind), **order), note)
    for kind in ("classic", "objstm", "linear"):
        first = pdfbox.sign(base(kind), ber=True)
        second = pdfbox.sign(first, "seal-ec", visible=True)
        yield _specimen(
            f"{kind}-countersigned", "CMS", second, "signed, then visibly countersigned"
        )


def _specimen(name: str, level: str, pdf: bytes, note: str) -> Specimen:
    return Specimen(f"pdfbox-{name}", MAKER, level, pdf, note=note)
