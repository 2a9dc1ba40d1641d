"""Signatures set into a file byte by byte, where no maker would write them."""

import asyncio
import hashlib
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.timestamps import TimeStamper

_ROOM = 12_000  # bytes for a CMS
_PLACEHOLDER = 1_234_567_890  # no maker writes such a range; ten digits, so every range fits

Sign = Callable[[bytes], bytes]  # the SHA-256 of what is covered -> a CMS


def signature_value(
    document: Pdf, subfilter: str = "/ETSI.CAdES.detached", **entries: Any
) -> pikepdf.Object:
    """Return a signature dictionary that :func:`complete` fills in once the file is written."""
    return document.make_indirect(
        Dictionary(
            Type=Name.Sig,
            Filter=Name("/Adobe.PPKLite"),
            SubFilter=Name(subfilter),
            Contents=String(b"\xff" * _ROOM),
            ByteRange=Array([0, _PLACEHOLDER, _PLACEHOLDER, _PLACEHOLDER]),
            M=String(f"D:{datetime.now(UTC):%Y%m%d%H%M%S}Z"),
            **entries,
        )
    )


def complete(pdf: bytes, sign: Sign) -> bytes:
    """Return `pdf`, whose one placeholder is filled with the CMS that `sign` makes."""
    start = pdf.index(b"<" + b"ff" * _ROOM + b">")
    end = start + 2 * _ROOM + 2
    written = b"%d %d %d" % ((_PLACEHOLDER,) * 3)
    numbers = b"%d %d %d" % (start, end, len(pdf) - end)
    at = pdf.index(written)
    pdf = pdf[:at] + numbers.ljust(len(written)) + pdf[at + len(written) :]
    cms = sign(hashlib.sha256(pdf[:start] + pdf[end:]).digest())
    digits = cms.hex().encode().ljust(2 * _ROOM, b"0")
    return pdf[: start + 1] + digits + pdf[end - 1 :]


def signs_with(signer: SimpleSigner) -> Sign:
    """Return what signs with `signer`, in the manner of PAdES."""

    def sign(digest: bytes) -> bytes:
        cms: bytes = asyncio.run(signer.async_sign(digest, "sha256", use_pades=True)).dump()
        return cms

    return sign


def stamps_with(stamper: TimeStamper) -> Sign:
    """Return what asks `stamper` for a timestamp token."""

    def stamp(digest: bytes) -> bytes:
        token: bytes = asyncio.run(stamper.async_timestamp(digest, "sha256")).dump()
        return token

    return stamp


def with_signature_field(document: Pdf, value: pikepdf.Object) -> None:
    """Put `value` into an invisible signature field on the first page."""
    page = document.pages[0].obj
    field = document.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Sig,
            T=String("Handmade"),
            V=value,
            Rect=Array([0, 0, 0, 0]),
            F=132,
            P=page,
        )
    )
    page.Annots = Array([*page.get("/Annots", []), field])
    document.Root.AcroForm = document.make_indirect(Dictionary(Fields=Array([field]), SigFlags=3))


def saved(document: Pdf, **options: Any) -> bytes:
    """Return the file, with the placeholder in plain sight."""
    out = io.BytesIO()
    document.save(
        out,
        compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        **options,
    )
    return out.getvalue()
