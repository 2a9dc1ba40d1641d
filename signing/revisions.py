"""Revisions appended to a PDF (ISO 32000-1, 7.5.6): signature, validation data and timestamp, and
nothing else.

pyHanko writes them. What it would change beside them is held back here: it updates XMP and the
document information in each revision, which makes a seal look as if the document had been changed
after it was signed.
"""

import hashlib
import io
import zlib
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import pyhanko.sign  # noqa: F401 - the door to its circle of modules, for every thread
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import (
    InvisSigSettings,
    SigFieldSpec,
    SigSeedSubFilter,
    enumerate_sig_fields,
)
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp, PdfSignedData, SignatureObject

from archive.base.errors import Unreadable
from signing.errors import AlreadySealed
from signing.quick_hex import quicken

quicken()
# Outside every page: PDF/UA-1 asks that an untagged widget be unseen, PDF/A that it not be hidden.
_UNSEEN = InvisSigSettings(set_print_flag=True, box_out_of_bounds=True)


class ContainerTooSmall(Exception):
    """The CMS does not fit into the room that was reserved; `needed` bytes would do."""

    def __init__(self, needed: int) -> None:
        self.needed = needed
        super().__init__(needed)


@dataclass(frozen=True, slots=True)
class SealWords:
    """What a reader's panel of signatures says of a seal: which facility, where, and why.

    Entries Name, Location and Reason of the signature dictionary (ISO 32000-1, table 252). An entry
    of None is left out.
    """

    name: str | None = None
    location: str | None = None
    reason: str | None = None


NO_WORDS = SealWords()


@dataclass(frozen=True, slots=True)
class Signature:
    """What a signature dictionary says (ISO 32000-1, table 252).

    `claimed_at` becomes /M, to the second.
    """

    field_name: str
    claimed_at: datetime
    words: "SealWords"


class _QuietWriter(IncrementalPdfFileWriter):
    """Appends what it is given; leaves metadata alone and takes the file's second id from its
    bytes.
    """

    def _update_meta(self) -> None:
        """Leave XMP and the document information as they are."""

    @classmethod
    def _handle_id(cls, prev: PdfFileReader) -> generic.ArrayObject:
        prev.stream.seek(0)
        changing = generic.ByteStringObject(
            hashlib.file_digest(prev.stream, "sha256").digest()[:16]
        )
        permanent = prev.trailer["/ID"][0] if "/ID" in prev.trailer else changing
        return generic.ArrayObject([permanent, changing])


class Draft(io.BytesIO):
    """A PDF in memory to which revisions are appended; what was read of it at the start serves the
    first of them.
    """

    reader: PdfFileReader | None = None

    def writer(self) -> IncrementalPdfFileWriter:
        """Return what appends the next revision."""
        reader, self.reader = self.reader, None
        return _QuietWriter(self) if reader is None else _QuietWriter.from_reader(reader)


def start(pdf: bytes) -> Draft:
    """Return `pdf` ready for revisions: ending with a line end, since an object must begin a line
    (ISO 19005-3, 6.1.9).

    Typst ends a file with `%%EOF` alone. Raises :class:`archive.base.errors.Unreadable`,
    :class:`signing.errors.AlreadySealed`.
    """
    stream = Draft(pdf)
    try:
        stream.reader = reader = PdfFileReader(stream)
        if reader.encrypted:
            raise Unreadable(why_vi="tệp PDF có mật khẩu", why_en="the PDF is encrypted")
        if any(True for _ in enumerate_sig_fields(reader)):
            raise AlreadySealed()
    # what pyHanko raises on broken files
    except (PdfError, ValueError, TypeError, KeyError) as error:
        raise Unreadable(why_vi="không phải PDF hợp lệ", why_en="it is not a valid PDF") from error
    if not pdf.endswith((b"\n", b"\r")):
        stream.seek(0, io.SEEK_END)
        stream.write(b"\n")
    return stream


class Revision:
    """A revision with a signature or timestamp over the whole file up to its end, except the room
    for the value.
    """

    def __init__(self, steps: Generator[Any, Any, Any], digest: bytes, reserved: int) -> None:
        self.digest = digest  # SHA-256 of all that the value covers
        self._steps, self._reserved = steps, reserved

    def complete(self, contents: bytes) -> None:
        """Fill in the DER of the CMS over `digest`; raises :class:`ContainerTooSmall`."""
        if len(contents) > self._reserved:
            raise ContainerTooSmall(len(contents))
        self._steps.send(contents)


def begin_signature(draft: Draft, signature: Signature, reserved: int) -> Revision:
    """Append a revision with room for a PAdES signature (`ETSI.CAdES.detached`).

    `reserved` is room for the CMS in bytes.
    """
    writer = draft.writer()
    writer.ensure_output_version((1, 7))
    # TS 102 778-4, 5: this PDF 1.7 uses PAdES' DSS and DocTimeStamp
    writer.register_extension(ESIC_EXTENSION_1)
    container = SignatureObject(
        timestamp=signature.claimed_at,
        subfilter=SigSeedSubFilter.PADES,
        reason=signature.words.reason,
        location=signature.words.location,
        name=signature.words.name,
        bytes_reserved=2 * reserved,
    )
    return _begin(writer, container, signature.field_name, "Chữ ký số của cơ sở", reserved)


def begin_timestamp(
    draft: Draft, dss: "ValidationData", field_name: str, reserved: int
) -> Revision:
    """Append a revision with validation data and room for a document timestamp (`ETSI.RFC3161`)
    over it.
    """
    writer = draft.writer()
    dss.add_to(writer)
    return _begin(
        writer,
        DocumentTimestamp(bytes_reserved=2 * reserved),
        field_name,
        "Dấu thời gian lưu trữ",
        reserved,
    )


def append_validation_data(draft: Draft, dss: "ValidationData") -> None:
    """Append a revision with validation data only."""
    writer = draft.writer()
    dss.add_to(writer)
    writer.write_in_place()


@dataclass(frozen=True, slots=True)
class ValidationData:
    """DER of certificates, OCSP responses and CRLs for the document security store (EN 319 142-1,
    5.4.2; no VRI).
    """

    certificates: tuple[bytes, ...]
    ocsps: tuple[bytes, ...]
    crls: tuple[bytes, ...]

    def add_to(self, writer: IncrementalPdfFileWriter) -> None:
        """Put the store into the document's root."""

        def streams(contents: Iterable[bytes]) -> generic.ArrayObject:
            return generic.ArrayObject(
                [writer.add_object(_compressed(content)) for content in contents]
            )

        store = generic.DictionaryObject({pdf_name("/Type"): pdf_name("/DSS")})
        parts = (("/Certs", self.certificates), ("/OCSPs", self.ocsps), ("/CRLs", self.crls))
        store.update({pdf_name(name): streams(contents) for name, contents in parts if contents})
        writer.root[pdf_name("/DSS")] = writer.add_object(store)
        writer.update_root()


def _compressed(content: bytes) -> generic.StreamObject:
    return generic.StreamObject(
        dict_data={pdf_name("/Filter"): pdf_name("/FlateDecode")}, encoded_data=_deflated(content)
    )


@lru_cache(maxsize=32)  # one seal after the other brings the same
def _deflated(content: bytes) -> bytes:
    return zlib.compress(content, 9)


def _begin(
    writer: IncrementalPdfFileWriter,
    container: PdfSignedData,
    field_name: str,
    readable: str,
    reserved: int,
) -> Revision:
    field = SigFieldSpec(field_name, invis_sig_settings=_UNSEEN, readable_field_name=readable)
    steps = PdfCMSEmbedder(new_field_spec=field).write_cms(field_name, writer)
    next(steps)
    steps.send(SigObjSetup(sig_placeholder=container))
    prepared, _ = steps.send(SigIOSetup(md_algorithm="sha256", in_place=True))
    return Revision(steps, prepared.document_digest, reserved)
