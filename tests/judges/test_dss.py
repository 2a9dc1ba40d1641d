"""EU DSS accepts what we seal, without a warning,
and refuses each way of changing it afterwards.
"""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils import embed, generic
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    NumberObject,
    StreamObject,
    pdf_name,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfTimeStamper
from pyhanko.sign.timestamps import HTTPTimeStamper

from api.composition.trust_file import trust_file
from api.home import Home
from archive.base.identifiers import ObjectKey
from signing.seal import BaselineLevel
from tests.fixtures.pki import RunningPki
from tests.judges.dss import ORIGINAL, Dss
from tests.signing.seal.pdf import byte_ranges, contents

pytestmark = pytest.mark.judge

Writer = IncrementalPdfFileWriter
Forgery = Callable[[Writer], None]
Sealed = dict[BaselineLevel, bytes]
Faults = Callable[..., str]


class QuietWriter(Writer):
    """Appends a revision with what a forger wants, and nothing that pyHanko would add by itself."""

    def _update_meta(self) -> None:
        """Leave the metadata alone."""


def first_page(writer: Writer) -> DictionaryObject:
    """Return the first page, to be changed."""
    page: DictionaryObject = writer.find_page_for_modification(0)[0].get_object()
    writer.update_container(page)
    return page


def annotate(writer: Writer, kind: str) -> Any:
    """Add a note to the first page; `kind` is what it calls itself. Returns its reference."""
    box = ArrayObject(NumberObject(number) for number in (10, 10, 90, 90))
    text = generic.TextStringObject("Giả")
    note = {"/Type": pdf_name(kind), "/Subtype": pdf_name("/Text"), "/Rect": box, "/Contents": text}
    reference = writer.add_object(
        DictionaryObject({pdf_name(key): value for key, value in note.items()})
    )
    annotations = first_page(writer)["/Annots"]
    annotations.append(reference)
    writer.update_container(annotations)
    return reference


def another_page(writer: Writer) -> None:
    """Show another page."""
    first_page(writer)["/Contents"] = writer.add_object(
        StreamObject(stream_data=b"0 0 200 200 re f")
    )


def a_note(writer: Writer) -> None:
    """Add an annotation."""
    annotate(writer, "/Annot")


def a_note_that_says_it_is_a_timestamp(writer: Writer) -> None:
    """Add an annotation that DSS takes for a document timestamp."""
    annotate(writer, "/DocTimeStamp")


def a_field_that_says_it_is_a_timestamp(writer: Writer) -> None:
    """Add the same, and to the form too."""
    fields = writer.root["/AcroForm"]["/Fields"]
    fields.append(annotate(writer, "/DocTimeStamp"))
    writer.update_container(fields)


def other_metadata(writer: Writer) -> None:
    """Replace the XMP."""
    kind = {pdf_name("/Type"): pdf_name("/Metadata"), pdf_name("/Subtype"): pdf_name("/XML")}
    writer.root["/Metadata"] = writer.add_object(StreamObject(kind, stream_data=b"<x/>"))
    writer.update_root()


def another_attachment(writer: Writer) -> None:
    """Attach a file."""
    attached = embed.EmbeddedFileObject.from_file_data(writer, "Giả".encode())
    embed.embed_file(writer, embed.FileSpec("gia.txt", embedded_data=attached))


def forged(pdf: bytes, forge: Forgery) -> bytes:
    """Return `pdf` with the forgery appended."""
    writer: Writer = QuietWriter(io.BytesIO(pdf))
    out = io.BytesIO()
    forge(writer)
    writer.write(out)
    return out.getvalue()


def restamped(pdf: bytes, pki: RunningPki) -> bytes:
    """Return `pdf` with one more document timestamp over all of it."""
    tsa = HTTPTimeStamper(pki.tsa_url.replace(pki.pki.base_url, pki.base_url))
    out: io.BytesIO = PdfTimeStamper(tsa, field_name="Again").timestamp_pdf(
        QuietWriter(io.BytesIO(pdf)), "sha256"
    )
    return out.getvalue()


@pytest.fixture(scope="module")
def sealed(session_pki: RunningPki, paper_pdf: bytes) -> Sealed:
    """One paper sealed at each level."""
    session_pki.start()
    with session_pki.open_sealer() as sealer:
        at = datetime.now(UTC)
        return {
            level: sealer.seal(paper_pdf, claimed_at=at, level=level).data
            for level in BaselineLevel
        }


@pytest.fixture
def faults(dss: Dss, session_pki: RunningPki, tmp_path: Path) -> Faults:
    """A function that says what is wrong with a file, one fault a line."""

    def find(data: bytes, level: str = ORIGINAL) -> str:
        file = tmp_path / "giấy thử"
        file.write_bytes(data)
        return "\n".join(dss.judge(file, session_pki.trust_path).faults(level))

    return find


def test_every_original_is_b_lta_without_a_warning(
    demo_home: Home, dss: Dss, tmp_path: Path
) -> None:
    originals = list(demo_home.vault.list(f"{demo_home.code}/documents/"))
    assert len(originals) == 4
    trust = trust_file(demo_home.settings)
    assert trust is not None
    for stored in originals:
        file = tmp_path / f"{stored.version}.pdf"
        file.write_bytes(demo_home.vault.read(ObjectKey(stored.key), stored.version))
        dss.accept(file, trust)


def test_another_root_is_not_trusted(
    demo_home: Home, dss: Dss, sealed: Sealed, tmp_path: Path
) -> None:
    file = tmp_path / "sealed.pdf"
    file.write_bytes(sealed[BaselineLevel.B_LTA])
    trust = trust_file(demo_home.settings)
    assert trust is not None
    verdict = dss.judge(file, trust)
    assert {signature.indication for signature in (*verdict.signatures, *verdict.timestamps)} == {
        "INDETERMINATE"
    }
    with pytest.raises(AssertionError, match="NO_CERTIFICATE_CHAIN_FOUND"):
        dss.accept(file, trust)


@pytest.mark.parametrize(
    ("level", "stated"),
    [
        (BaselineLevel.B_B, "PAdES-BASELINE-B"),
        (BaselineLevel.B_T, "PAdES-BASELINE-T"),
        (BaselineLevel.B_LT, "PAdES-BASELINE-LT"),
    ],
)
def test_a_lesser_level_is_reported_as_such(
    sealed: Sealed, faults: Faults, level: BaselineLevel, stated: str
) -> None:
    assert f"a signature is {stated}, not {ORIGINAL}" in faults(sealed[level])


def test_what_brings_its_own_validation_data_passes_and_what_does_not_does_not(
    sealed: Sealed, faults: Faults
) -> None:
    b_lt = faults(sealed[BaselineLevel.B_LT], "PAdES-BASELINE-LT")
    # that data, which nothing protects
    assert b_lt == "there is something after the last signature or timestamp"
    assert "No revocation data found" in faults(sealed[BaselineLevel.B_T], "PAdES-BASELINE-T")


@pytest.mark.parametrize("place", ["page", "validation data", "end"])
def test_a_flipped_byte_is_refused(sealed: Sealed, faults: Faults, place: str) -> None:
    data = bytearray(sealed[BaselineLevel.B_LTA])
    (_, seal_at, _, _), _ = byte_ranges(bytes(data))
    at = {
        "page": 400,
        "validation data": data.index(b"stream", seal_at) + 100,
        "end": len(data) - 12,
    }
    data[at[place]] ^= 1
    assert "DOCUMENT_TIMESTAMP is FAILED HASH_FAILURE" in faults(bytes(data))


@pytest.mark.parametrize(("which", "offsets"), [(0, (5, 300, 1500, 3000, -1)), (1, (5, 300, -1))])
def test_a_damaged_seal_or_timestamp_is_refused(
    sealed: Sealed, faults: Faults, which: int, offsets: tuple[int, ...]
) -> None:
    # Not tried: the certificates in the last timestamp. No signature covers them, and DSS, finding
    # whole ones beside the seal, passes them over. `kho verify` does not.
    original = sealed[BaselineLevel.B_LTA]
    at, length = byte_ranges(original)[which][1] + 1, len(contents(original)[which].rstrip(b"0"))
    for offset in offsets:
        data, place = bytearray(original), at + offset % length
        data[place] = ord("1" if data[place] == ord("0") else "0")
        assert faults(bytes(data)), f"at {offset} of {length} digits"


@pytest.mark.parametrize("more", [b"\n", b"more", b"%PDF-1.7\n%%EOF\n"])
def test_nothing_is_after_the_last_timestamp(sealed: Sealed, faults: Faults, more: bytes) -> None:
    assert faults(sealed[BaselineLevel.B_LTA] + more)


def test_one_more_timestamp_is_archival(
    sealed: Sealed, faults: Faults, test_pki: RunningPki
) -> None:
    assert faults(restamped(sealed[BaselineLevel.B_LTA], test_pki)) == ""


@pytest.mark.parametrize(
    ("forge", "fault"),
    [
        (another_page, "Visual difference is detected"),
        (a_note, "CREATION Annot /Catalog /Pages"),
        (a_note_that_says_it_is_a_timestamp, "2 fields and 3 widgets for 2 document timestamps"),
        (a_field_that_says_it_is_a_timestamp, "3 fields and 3 widgets for 2 document timestamps"),
        (other_metadata, "MODIFICATION Metadata /Catalog /Metadata"),
        (another_attachment, "/EmbeddedFiles"),
    ],
)
def test_a_change_beneath_a_later_timestamp_is_refused(
    sealed: Sealed, faults: Faults, test_pki: RunningPki, forge: Forgery, fault: str
) -> None:
    assert fault in faults(restamped(forged(sealed[BaselineLevel.B_LTA], forge), test_pki))


@pytest.mark.parametrize("data", [b"", b"no PDF at all", b"%PDF-1.7\n%%EOF\n"])
def test_what_dss_cannot_read_is_refused(faults: Faults, data: bytes) -> None:
    assert faults(data)


def test_a_file_that_is_not_there_is_refused_and_does_not_end_the_judging(
    sealed: Sealed, faults: Faults, dss: Dss, session_pki: RunningPki, tmp_path: Path
) -> None:
    assert dss.judge(tmp_path / "absent.pdf", session_pki.trust_path).faults(ORIGINAL)
    assert dss.judge(tmp_path / "absent.pdf", tmp_path / "absent.pem").faults(ORIGINAL)
    assert faults(sealed[BaselineLevel.B_LTA]) == ""
