"""EU DSS as a maker: PAdES B-B to B-LTA, visible, extended later, certified, countersigned."""

from collections.abc import Iterator

from tests.signing.validation.corpus.bases import EMPTY_FIELD, KINDS, base
from tests.signing.validation.corpus.makers.java import JavaMaker
from tests.signing.validation.corpus.specimen import Specimen

MAKER = "EU DSS 6.4"
LEVELS = ("B-B", "B-T", "B-LT", "B-LTA")


def specimens(dss: JavaMaker) -> Iterator[Specimen]:
    """Yield every file that DSS makes by itself."""
    yield from _levels(dss)
    yield from _options(dss)
    yield from _later(dss)
    yield from _several(dss)


def _specimen(name: str, level: str, pdf: bytes, note: str = "") -> Specimen:
    return Specimen(f"dss-{name}", MAKER, level, pdf, note=note)


def _levels(dss: JavaMaker) -> Iterator[Specimen]:
    for kind in KINDS:
        for level in LEVELS:
            yield _specimen(f"{kind}-{level}", level, dss.sign(base(kind), level=level))


def _options(dss: JavaMaker) -> Iterator[Specimen]:
    for kind in ("classic", "objstm", "form", "rich"):
        signed = dss.sign(base(kind), level="B-LTA", visible=True, reason="TEST approval")
        yield _specimen(f"{kind}-visible", "B-LTA", signed, "visible, with a reason and a place")
    signed = dss.sign(base("form"), level="B-LTA", field=EMPTY_FIELD)
    yield _specimen("existing-field", "B-LTA", signed, "in the form's own signature field")
    for number in (1, 2, 3):
        signed = dss.sign(base("classic"), level="B-LTA", certify=number)
        yield _specimen(f"certified-{number}", "B-LTA", signed, f"certified, DocMDP P={number}")
    for signer, tsa in (("seal-ec", "tsa"), ("seal", "tsa-ec"), ("seal-ec", "tsa-ec")):
        signed = dss.sign(base("objstm"), signer, level="B-LTA", tsa=tsa)
        yield _specimen(f"{signer}-{tsa}", "B-LTA", signed, f"signer {signer}, {tsa}")
    signed = dss.sign(base("linear"), "seal-sub", level="B-LTA", pss=True)
    yield _specimen("pss", "B-LTA", signed, "RSASSA-PSS, below a subordinate CA")
    signed = dss.sign(base("rich"), "seal-sub", level="B-LTA", digest="SHA512")
    yield _specimen("sha512", "B-LTA", signed, "SHA-512, below a subordinate CA")


def _later(dss: JavaMaker) -> Iterator[Specimen]:
    for kind in KINDS:
        short = dss.sign(base(kind), "seal-ec", level="B-B")
        extended = dss.make(short, action="extend", level="B-LTA", tsa="tsa-ec")
        yield _specimen(f"{kind}-extended", "B-LTA", extended, "B-B extended to B-LTA later")
    for kind in ("classic", "objstm", "pdfa"):
        signed = dss.sign(base(kind), level="B-LTA")
        again = dss.make(signed, action="extend", level="B-LTA", tsa="tsa-ec")
        yield _specimen(f"{kind}-second-lta", "B-LTA", again, "a second archive timestamp")
        third = dss.make(again, action="extend", level="B-LTA")
        yield _specimen(f"{kind}-third-lta", "B-LTA", third, "a third archive timestamp")


def _several(dss: JavaMaker) -> Iterator[Specimen]:
    for kind in ("classic", "linear", "form"):
        first = dss.sign(base(kind), level="B-LTA")
        second = dss.sign(first, "seal-ec", level="B-LTA")
        yield _specimen(f"{kind}-countersigned", "B-LTA", second, "B-LTA, countersigned B-LTA")
    for number in (2, 3):
        first = dss.sign(base("rich"), level="B-LTA", certify=number)
        second = dss.sign(first, "seal-sub", level="B-LTA")
        note = f"certified with DocMDP P={number}, then signed"
        yield _specimen(f"certified-{number}-countersigned", "B-LTA", second, note)
    first = dss.sign(base("objstm"), level="B-T")
    second = dss.sign(first, "seal-ec", level="B-T")
    signed = dss.make(second, action="extend", level="B-LTA")
    yield _specimen("two-extended", "B-LTA", signed, "two B-T signatures, extended together")
