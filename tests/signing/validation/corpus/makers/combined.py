"""Files that two makers wrote: Kho's originals countersigned, signatures extended by another."""

from collections.abc import Iterator

from tests.signing.validation.corpus.bases import base
from tests.signing.validation.corpus.specimen import Specimen
from tests.signing.validation.corpus.workshop import Workshop

MAKER = "two makers"


def specimens(workshop: Workshop) -> Iterator[Specimen]:
    """Yield every file that two makers wrote."""
    yield from _after_kho(workshop)
    yield from _extended(workshop)
    yield from _countersigned(workshop)


def _specimen(name: str, level: str, pdf: bytes, note: str) -> Specimen:
    return Specimen(f"two-{name}", MAKER, level, pdf, note=note)


def _after_kho(workshop: Workshop) -> Iterator[Specimen]:
    for kind in ("pdfa", "rich"):
        original = workshop.kho(kind)
        yield Specimen(f"kho-{kind}", "Kho", "B-LTA", original, note="as Kho archives it")
        for name, level, pdf in _after(workshop, original):
            note = f"a Kho original, then {name}"
            yield _specimen(f"kho-{kind}-{name}", level, pdf, note)


def _after(workshop: Workshop, original: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Yield what each maker makes of Kho's `original`: name, level, file."""
    pyhanko, dss, pdfbox = workshop.pyhanko, workshop.dss, workshop.pdfbox
    yield "dss-B-B", "B-B", dss.sign(original, "seal-ec", level="B-B")
    yield "dss-B-LTA", "B-LTA", dss.sign(original, "seal-ec", level="B-LTA")
    yield "dss-visible", "B-LTA", dss.sign(original, "seal-sub", level="B-LTA", visible=True)
    yield "pyhanko-B-B", "B-B", pyhanko.sign(original, "seal-sub", "B-B", field_name="Inspector")
    yield "pyhanko-B-LTA", "B-LTA", pyhanko.sign(original, "seal-sub", field_name="Inspector")
    yield "pdfbox", "CMS", pdfbox.sign(original, "seal-ec", visible=True)
    yield "pdfbox-ber", "CMS", pdfbox.sign(original, "seal-sub", ber=True)
    yield "openpdf", "CMS", workshop.openpdf.sign(original, "seal-sub", timestamp=True)
    yield "nss", "CMS", workshop.nss.sign(original)
    renewed = dss.make(original, action="extend", level="B-LTA", tsa="tsa-ec")
    yield "dss-renewed", "B-LTA", renewed
    yield "pyhanko-renewed", "B-LTA", pyhanko.renew(original, "tsa-ec")


def _extended(workshop: Workshop) -> Iterator[Specimen]:
    pyhanko, dss, pdfbox = workshop.pyhanko, workshop.dss, workshop.pdfbox
    pades = "ETSI.CAdES.detached"
    for kind in ("classic", "objstm"):
        short = pdfbox.sign(base(kind), subfilter=pades, ber=kind == "classic")
        extended = dss.make(short, action="extend", level="B-LTA")
        yield _specimen(f"{kind}-pdfbox-dss", "B-LTA", extended, "PDFBox B-B, extended by DSS")
        extended = pyhanko.timestamp(pyhanko.add_evidence(pdfbox.sign(base(kind), timestamps=1)))
        note = "PDFBox, evidence and timestamp by pyHanko"
        yield _specimen(f"{kind}-pdfbox-pyhanko", "CMS", extended, note)
    extended = pyhanko.timestamp(
        pyhanko.add_evidence(workshop.openpdf.sign(base("form"), timestamp=True))
    )
    note = "OpenPDF, evidence and timestamp by pyHanko"
    yield _specimen("openpdf-pyhanko", "CMS", extended, note)
    extended = pyhanko.timestamp(pyhanko.add_evidence(workshop.nss.sign(base("classic"))))
    yield _specimen("nss-pyhanko", "CMS", extended, "NSS, evidence and timestamp by pyHanko")
    for kind in ("classic", "linear", "form"):
        extended = dss.make(pyhanko.sign(base(kind)), action="extend", level="B-LTA", tsa="tsa-ec")
        yield _specimen(f"{kind}-pyhanko-dss", "B-LTA", extended, "pyHanko B-LTA, renewed by DSS")
        extended = pyhanko.renew(dss.sign(base(kind), level="B-LTA"), "tsa-ec")
        yield _specimen(f"{kind}-dss-pyhanko", "B-LTA", extended, "DSS B-LTA, renewed by pyHanko")


def _countersigned(workshop: Workshop) -> Iterator[Specimen]:
    pyhanko, dss, pdfbox = workshop.pyhanko, workshop.dss, workshop.pdfbox
    for kind in ("classic", "rich"):
        extended = dss.sign(pyhanko.sign(base(kind)), "seal-ec", level="B-LTA")
        note = "pyHanko B-LTA, countersigned by DSS"
        yield _specimen(f"{kind}-pyhanko-then-dss", "B-LTA", extended, note)
        first = dss.sign(base(kind), level="B-LTA")
        extended = pyhanko.sign(first, "seal-ec", field_name="Inspector")
        note = "DSS B-LTA, countersigned by pyHanko"
        yield _specimen(f"{kind}-dss-then-pyhanko", "B-LTA", extended, note)
        extended = pdfbox.sign(first, "seal-sub", visible=True, ber=True)
        note = "DSS B-LTA, visibly countersigned by PDFBox"
        yield _specimen(f"{kind}-dss-then-pdfbox", "CMS", extended, note)
