"""Attacks on certified and locked files: what DocMDP or FieldMDP forbids, EAA and ESA."""

from collections.abc import Iterator

from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, SigFieldSpec
from pyhanko.stamp import StaticStampStyle

from tests.signing.validation import attacks
from tests.signing.validation.corpus.bases import base
from tests.signing.validation.corpus.makers.updated import BLANK
from tests.signing.validation.corpus.manipulated import updates
from tests.signing.validation.corpus.manipulated.victims import Victims, manipulated
from tests.signing.validation.corpus.specimen import Specimen

_OVER_TEXT = (55, 715, 355, 760)
_PDFBOX_OVER_TEXT = [55, 715, 300, 45]


def specimens(victims: Victims) -> Iterator[Specimen]:
    """Yield certified and locked files with what they forbid."""
    yield from _forbidden(victims)
    yield from _evil_annotations(victims)
    yield from _evil_signatures(victims)
    yield from _locked(victims)
    yield from _uncertified(victims)


def _forbidden(victims: Victims) -> Iterator[Specimen]:
    pdfbox = victims.workshop.pdfbox
    first = "certified-1"
    attacked = pdfbox.make(victims[first], action="fill", field="doctor", value="TEST other")
    yield victims.attacked(first, "filled", attacked, "a field filled, DocMDP P=1")
    attacked = pdfbox.sign(victims[first], "seal-ec")
    yield victims.attacked(first, "signed", attacked, "signed again, DocMDP P=1")
    for name in (first, "certified-2"):
        attacked = pdfbox.make(victims[name], action="annotate", box=BLANK)
        yield victims.attacked(name, "annotated", attacked, "a comment, which DocMDP forbids")
    for name in (first, "certified-2", "certified-3"):
        for change in (
            attacks.replace_content_in_place,
            attacks.add_attachment,
            attacks.add_script,
            attacks.add_text_field,
        ):
            attacked = attacks.update(victims[name], change)
            note = "an update that every DocMDP forbids"
            yield victims.attacked(name, change.__name__.replace("_", "-"), attacked, note)


def _evil_annotations(victims: Victims) -> Iterator[Specimen]:
    name = "certified-3"
    attacked = attacks.update(victims[name], updates.add_stamp)
    yield victims.attacked(name, "evil-stamp", attacked, "EAA: a white stamp over the text")
    attacked = victims.workshop.pdfbox.make(
        victims[name], action="annotate", box=_PDFBOX_OVER_TEXT, opaque=True
    )
    yield victims.attacked(name, "evil-square", attacked, "EAA: a white square over the text")
    attacked = attacks.update(victims[name], attacks.add_annotation)
    yield victims.attacked(name, "evil-text", attacked, "EAA: a text over the whole page")


def _evil_signatures(victims: Victims) -> Iterator[Specimen]:
    cover = StaticStampStyle(
        background=RawContent(b"1 g 0 0 300 45 re f", box=BoxConstraints(width=300, height=45)),
        background_opacity=1,
        border_width=0,
    )
    for name in ("certified-2", "certified-3"):
        for signer in ("seal-ec", "stranger"):
            attacked = victims.workshop.pyhanko.sign(
                victims[name],
                signer,
                "B-B",
                field_name="Evil",
                field=SigFieldSpec("Evil", box=_OVER_TEXT),
                style=cover,
            )
            note = "ESA: a signature's appearance hides the text"
            yield victims.attacked(name, f"evil-signature-{signer}", attacked, note)


def _locked(victims: Victims) -> Iterator[Specimen]:
    pyhanko, pdfbox = victims.workshop.pyhanko, victims.workshop.pdfbox
    for name, lock in (
        ("all", FieldMDPSpec(FieldMDPAction.ALL)),
        ("include", FieldMDPSpec(FieldMDPAction.INCLUDE, ["doctor"])),
        ("exclude", FieldMDPSpec(FieldMDPAction.EXCLUDE, ["agreed"])),
    ):
        field = SigFieldSpec("Locker", field_mdp_spec=lock)
        signed = pyhanko.sign(base("form"), field_name="Locker", field=field)
        attacked = pdfbox.make(signed, action="fill", field="doctor", value="TEST other")
        note = f"a field filled that /Lock {lock.action.value} locks"
        yield manipulated(f"filled-lock-{name}", "B-LTA", attacked, note)


def _uncertified(victims: Victims) -> Iterator[Specimen]:
    for name in ("certified-1", "certified-2"):
        attacked = attacks.update(victims[name], _drop_permissions)
        yield victims.attacked(name, "uncertified", attacked, "the certification taken away")
    pdfbox = victims.workshop.pdfbox
    free = attacks.update(victims["certified-1"], _drop_permissions)
    attacked = pdfbox.make(free, action="fill", field="doctor", value="TEST other")
    note = "the certification taken away, then a field filled"
    yield victims.attacked("certified-1", "uncertified-filled", attacked, note)


def _drop_permissions(writer: attacks.QuietWriter) -> None:
    """Take the reference to the certifying signature out of the catalog."""
    del writer.root["/Perms"]
    writer.root_has_changed()
