"""Signed files that went on as their signers allowed: forms filled, notes updated, a title set."""

from collections.abc import Iterator

from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm, SigFieldSpec

from tests.signing.validation.corpus.bases import base
from tests.signing.validation.corpus.specimen import Specimen
from tests.signing.validation.corpus.workshop import Workshop

MAKER = "updated later"
BLANK = [300, 300, 100, 60]  # x, y, width, height: where the bases show nothing


def specimens(workshop: Workshop) -> Iterator[Specimen]:
    """Yield every file with an update that its signatures allow."""
    yield from _filled(workshop)
    yield from _annotated(workshop)
    yield from _titled(workshop)


def _specimen(name: str, level: str, pdf: bytes, note: str) -> Specimen:
    return Specimen(f"updated-{name}", MAKER, level, pdf, note=note)


def _filled(workshop: Workshop) -> Iterator[Specimen]:
    form, pyhanko = base("form"), workshop.pyhanko
    signed = {
        "dss-certified-2": workshop.dss.sign(form, level="B-LTA", certify=2),
        "dss-certified-3": workshop.dss.sign(form, level="B-LTA", certify=3),
        "dss-approved": workshop.dss.sign(form, level="B-LTA"),
        "pyhanko-certified-2": pyhanko.sign(form, certify=True),
        "pyhanko-lock-other": pyhanko.sign(
            form,
            field=SigFieldSpec(
                "Signature1", field_mdp_spec=FieldMDPSpec(FieldMDPAction.INCLUDE, ["agreed"])
            ),
        ),
    }
    for name, pdf in signed.items():
        text = workshop.pdfbox.make(pdf, action="fill", field="doctor", value="TEST doctor")
        yield _specimen(f"{name}-filled", "B-LTA", text, "a text field filled later")
        if name != "pyhanko-lock-other":
            tick = workshop.pdfbox.make(text, action="fill", field="agreed", value="Yes")
            yield _specimen(
                f"{name}-ticked", "B-LTA", tick, "a text field filled, then a box ticked"
            )
    filled = workshop.pdfbox.make(
        signed["dss-certified-2"], action="fill", field="doctor", value="TEST doctor"
    )
    updated = pyhanko.sign(filled, "seal-ec", field_name="Approval")
    yield _specimen("filled-and-signed", "B-LTA", updated, "certified, filled, then approved")
    updated = pyhanko.timestamp(filled)
    yield _specimen("filled-and-stamped", "B-LTA", updated, "certified, filled, then timestamped")
    for name, maker in (("pdfbox", workshop.pdfbox), ("openpdf", workshop.openpdf)):
        short = maker.sign(form, certify=2, timestamp=True, timestamps=1)
        updated = workshop.pdfbox.make(short, action="fill", field="doctor", value="TEST doctor")
        yield _specimen(f"{name}-certified-2-filled", "CMS", updated, "certified, then filled")


def _annotated(workshop: Workshop) -> Iterator[Specimen]:
    for kind in ("classic", "rich", "objstm"):
        certified = workshop.dss.sign(base(kind), level="B-LTA", certify=3)
        updated = workshop.pdfbox.make(certified, action="annotate", box=BLANK)
        note = "a comment beside the text, DocMDP P=3"
        yield _specimen(f"{kind}-dss-annotated", "B-LTA", updated, note)
        certified = workshop.pyhanko.sign(
            base(kind), certify=True, docmdp_permissions=MDPPerm.ANNOTATE
        )
        updated = workshop.pdfbox.make(certified, action="annotate", box=BLANK)
        yield _specimen(f"{kind}-pyhanko-annotated", "B-LTA", updated, note)


def _titled(workshop: Workshop) -> Iterator[Specimen]:
    for name, pdf in (
        ("dss", workshop.dss.sign(base("classic"), level="B-LTA")),
        ("pyhanko", workshop.pyhanko.sign(base("rich"))),
    ):
        updated = workshop.pdfbox.make(pdf, action="title")
        yield _specimen(f"{name}-title", "B-LTA", updated, "another title in the information")
