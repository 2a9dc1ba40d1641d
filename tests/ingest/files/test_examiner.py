"""A finished file is what its bytes say, or is refused with the reason;
looking at it does no harm.
"""

import io
from datetime import date
from typing import Any

import pikepdf
import pytest
from asn1crypto import x509
from pikepdf import Array, Dictionary, Name, String
from PIL import Image
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from archive.base.clock import SystemClock
from archive.base.errors import SubmissionRejected
from ingest.files.examiner import Examiner
from ingest.files.limits import FILE_LIMITS, FileLimits
from ingest.files.scanner import NoScanner
from ingest.submission import FinishedFile
from signing.baseline import BaselineLevel
from signing.seal import Sealer
from signing.trust import TrustRoots
from tests.fixtures.pki import RunningPki
from tests.ingest.files.hostile import Hostile, changed, corpus
from tests.ingest.files.papers import image_file, plain_pdf, scanned_pdf, signed

DAY = date(2026, 1, 12)


class Truncated(x509.Certificate):  # type: ignore[misc]
    """A certificate that arrives in the child without its bytes."""

    def dump(self, force: bool = False) -> bytes:
        """Return nothing."""
        return b""


def examined(
    data: bytes,
    name: str = "a.pdf",
    trust: TrustRoots | None = None,
    limits: FileLimits = FILE_LIMITS,
) -> FinishedFile:
    """Examine one file."""
    examiner = Examiner(trust or TrustRoots([]), NoScanner(), SystemClock(), limits)
    return examiner.examine(name, data, DAY, "/papers/0/file")


def codes(data: bytes, name: str = "a.pdf", trust: TrustRoots | None = None) -> list[str]:
    """Return the codes with which a file is refused."""
    with pytest.raises(SubmissionRejected) as refused:
        examined(data, name, trust)
    return [fault.code for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("name", "data", "nature", "pages"),
    [
        ("a.pdf", plain_pdf(pages=2), "pdf", 2),
        ("archival.pdf", plain_pdf(archival=True), "pdf", 1),
        ("a", plain_pdf(), "pdf", 1),
        ("scan.pdf", scanned_pdf(2), "image", 2),
        ("a.jpg", image_file("JPEG"), "image", 1),
        ("a.JPEG", image_file("JPEG", mode="RGB"), "image", 1),
        ("a.png", image_file("PNG"), "image", 1),
        ("a.tif", image_file("TIFF", pages=3), "image", 3),
        ("HS 12.5", image_file("TIFF"), "image", 1),
    ],
)
def test_an_unsigned_file_is_what_its_content_says(
    name: str, data: bytes, nature: str, pages: int
) -> None:
    file = examined(data, name)
    assert (file.nature, file.pages, file.name, file.data) == (nature, pages, name, data)
    assert (file.dated, file.verdict, file.signed_by) == (DAY, None, ())


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("JPEG", {"progressive": True, "quality": 100}),
        ("JPEG", {"restart_marker_rows": 1, "comment": b"\xff\xd9PK"}),
        ("PNG", {"optimize": True}),
    ],
    ids=["progressive", "restart markers, and a false end", "png"],
)
def test_an_image_may_be_filled_up_with_zeros_behind_its_end(
    kind: str, how: dict[str, Any]
) -> None:
    thumbnail, exif, out = io.BytesIO(), Image.Exif(), io.BytesIO()
    Image.effect_noise((64, 64), 90).save(thumbnail, "JPEG")
    # a maker's note: cameras keep a picture with an end of its own there
    exif[0x927C] = thumbnail.getvalue()
    Image.effect_noise((300, 300), 90).save(out, kind, exif=exif, **how)
    for data in (out.getvalue(), out.getvalue() + bytes(4096)):
        assert examined(data, "a").data == data


@pytest.mark.parametrize("hostile", list(corpus()), ids=lambda hostile: hostile.id)
def test_a_hostile_file_is_refused_with_the_reason(hostile: Hostile) -> None:
    with pytest.raises(SubmissionRejected) as refused:
        examined(hostile.data, hostile.name, limits=hostile.limits)
    assert hostile.code in [fault.code for fault in refused.value.faults]
    assert {fault.path for fault in refused.value.faults} == {"/papers/0/file"}
    assert all(fault.message.vi and fault.message.en for fault in refused.value.faults)


def test_a_file_on_which_the_child_breaks_is_unreadable(sealer: Sealer) -> None:
    # files break it in ways that we do not know: here a root does
    breaks = TrustRoots([Truncated.load(b"0\0")])
    assert codes(signed(sealer, archival=True), trust=breaks) == ["file.unreadable"]


@pytest.mark.parametrize("archival", [True, False])
def test_a_signed_file_is_judged_and_its_signer_named(
    archival: bool, sealer: Sealer, test_pki: RunningPki
) -> None:
    file = examined(signed(sealer, archival=archival), trust=test_pki.trust)
    assert file.nature == ("signed_pdfa" if archival else "signed")
    assert file.verdict == "TOTAL-PASSED"
    (signer,) = file.signed_by
    assert "TEST" in signer.subject
    assert signer.when is not None


def test_a_signer_who_is_unknown_here_is_taken_with_that_verdict(sealer: Sealer) -> None:
    assert (
        examined(signed(sealer, archival=True, level=BaselineLevel.B_B)).verdict == "INDETERMINATE"
    )


def test_a_file_that_was_changed_after_it_was_signed_is_refused(
    sealer: Sealer, test_pki: RunningPki
) -> None:
    data = signed(sealer, archival=True)
    middle = data.index(b"stream\n") + 40
    broken = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
    assert codes(broken, trust=test_pki.trust) == ["file.signature_broken"]


def test_a_signature_that_a_later_revision_hides_is_seen(
    sealer: Sealer, test_pki: RunningPki
) -> None:
    out = io.BytesIO(signed(sealer, archival=True))
    writer = IncrementalPdfFileWriter(out)
    del writer.root["/AcroForm"]
    writer.update_root()
    writer.write_in_place()
    assert codes(out.getvalue(), trust=test_pki.trust) == ["file.signature_broken"]


def test_a_file_that_only_mentions_a_byte_range_is_unsigned() -> None:
    data = changed(lambda pdf: None).replace(b"%%EOF", b"%/ByteRange\n%%EOF")
    assert examined(data).nature == "pdf"


def test_a_signature_in_usage_rights_alone_is_no_signature_of_the_document() -> None:
    def grant(pdf: pikepdf.Pdf) -> None:
        right = Dictionary(Type=Name.Sig, ByteRange=Array([0, 10, 20, 10]), Contents=String("0"))
        pdf.Root.Perms = Dictionary(UR3=pdf.make_indirect(right))

    assert examined(changed(grant)).nature == "pdf"


@pytest.mark.parametrize("typed", [True, False])
def test_a_signature_field_with_an_invalid_value_does_not_count_as_unsigned(typed: bool) -> None:
    def sign(pdf: pikepdf.Pdf) -> None:
        value = pdf.make_indirect(Dictionary(Filter=Name("/Adobe.PPKLite"), Contents=String("0")))
        if typed:
            value.Type = Name.Sig
        pdf.Root.AcroForm = Dictionary(
            Fields=Array([pdf.make_indirect(Dictionary(FT=Name.Sig, T=String("s"), V=value))])
        )

    assert codes(changed(sign)) == ["file.signature_broken"]


def test_a_signature_field_that_is_not_filled_is_no_signature() -> None:
    def prepare(pdf: pikepdf.Pdf) -> None:
        pdf.Root.AcroForm = Dictionary(
            Fields=Array([pdf.make_indirect(Dictionary(FT=Name.Sig, T=String("s")))])
        )

    assert examined(changed(prepare)).nature == "pdf"


@pytest.mark.parametrize(
    "name", ["a\nb.pdf", "phieu\u202efdp.pdf", "../a.pdf", "a\udcff.pdf", "a" * 197 + ".pdf", ""]
)
def test_a_name_that_hides_something_is_refused_whichever_way_in_it_came(name: str) -> None:
    assert codes(plain_pdf(), name) == ["file.name"]


def test_a_name_is_nfc_whichever_program_wrote_it() -> None:
    assert examined(plain_pdf(), "phie\u0302\u0301u.pdf").name == "phi\u1ebfu.pdf"


def test_a_signature_does_not_excuse_a_script(sealer: Sealer) -> None:
    scripted = changed(
        lambda pdf: pdf.Root.__setattr__(
            "OpenAction", Dictionary(S=Name.JavaScript, JS=String("1"))
        )
    )
    data = sealer.seal(scripted, claimed_at=sealer.signing_context.clock.now()).data
    assert codes(data) == ["pdf.script"]


def test_links_to_the_web_and_within_the_file_do_no_harm() -> None:
    def link(pdf: pikepdf.Pdf) -> None:
        uri = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]))
        uri.A = Dictionary(S=Name.URI, URI=String("https://example.org/"))
        pdf.pages[0].obj.Annots = Array([uri])
        pdf.Root.OpenAction = Array([pdf.pages[0].obj, Name.Fit])

    assert examined(changed(link)).nature == "pdf"
