"""Attacks on bytes: flips, ByteRange games, USF, wrapping, what lies before and behind the file."""

import re
from collections.abc import Callable, Iterator

from tests.signing.validation.corpus.bases import base
from tests.signing.validation.corpus.manipulated.victims import Victims
from tests.signing.validation.corpus.places import BYTE_RANGE, signed_data, values
from tests.signing.validation.corpus.specimen import Specimen

VICTIMS = ("dss", "dss-objstm", "pyhanko-B-B", "kho", "openpdf")
_SIGNED = re.compile(rb"/(?:Contents) ?<[0-9A-Fa-f]{64,}>")


def specimens(victims: Victims) -> Iterator[Specimen]:
    """Yield every victim with every attack on its bytes."""
    for name, attack in ATTACKS.items():
        for victim in VICTIMS:
            attacked = attack(victims[victim])
            yield victims.attacked(victim, name, attacked, (attack.__doc__ or "").splitlines()[0])
    for victim in ("dss", "pyhanko", "kho"):
        last = values(victims[victim])[-1]
        attacked = flip(victims[victim], last[0] + 1500)
        yield victims.attacked(victim, "damaged-timestamp", attacked, "a flip in its timestamp")
    for victim, other in (("dss", "pyhanko"), ("pyhanko", "dss"), ("kho", "dss")):
        index = len(values(victims[victim])) - 1
        attacked = _transplant(victims[other], victims[victim], index)
        yield victims.attacked(victim, "foreign-timestamp", attacked, "another file's timestamp")
        attacked = _transplant(victims[other], victims[victim], 0)
        yield victims.attacked(victim, "foreign-signature", attacked, "another file's signature")


def flip(pdf: bytes, at: int) -> bytes:
    """Return `pdf` with the byte at `at` changed; a hexadecimal digit stays one."""
    new = (
        ord("1" if pdf[at : at + 1] == b"0" else "0")
        if pdf[at] in b"0123456789abcdefABCDEF"
        else pdf[at] ^ 1
    )
    return pdf[:at] + bytes([new]) + pdf[at + 1 :]


def flipped_content(pdf: bytes) -> bytes:
    """A flip in the first content stream."""
    return flip(pdf, pdf.index(b"stream") + 12)


def flipped_header(pdf: bytes) -> bytes:
    """A flip in the version that the header states."""
    return flip(pdf, pdf.index(b"%PDF-") + 5)


def flipped_signature(pdf: bytes) -> bytes:
    """A flip in the first signature value."""
    start, end = values(pdf)[0]
    value = signed_data(pdf)["signer_infos"][0]["signature"].native
    return flip(pdf, start + pdf[start:end].lower().index(value.hex().encode()) + 40)


def flipped_attributes(pdf: bytes) -> bytes:
    """A flip in the signed attributes of the first signature: another digest of the file."""
    start, end = values(pdf)[0]
    attributes = signed_data(pdf)["signer_infos"][0]["signed_attrs"]
    (digest,) = (
        item["values"][0].native for item in attributes if item["type"].native == "message_digest"
    )
    return flip(pdf, start + pdf[start:end].lower().index(digest.hex().encode()) + 10)


def flipped_certificate(pdf: bytes) -> bytes:
    """A flip in the key of the first signer's certificate."""
    start, end = values(pdf)[0]
    signed = signed_data(pdf)
    wanted = signed["signer_infos"][0]["sid"].chosen
    (certificate,) = (
        item.chosen
        for item in signed["certificates"]
        if item.chosen.serial_number == wanted["serial_number"].native
        and item.chosen.issuer == wanted["issuer"]
    )
    key = certificate.public_key.dump()[40:].hex().encode()
    return flip(pdf, start + pdf[start:end].lower().index(key) + 20)


def wide_gap(pdf: bytes) -> bytes:
    """The second range begins 20 bytes late: bytes behind the value are not covered."""
    return _ranged(pdf, lambda a, b, c, d: (a, b, c + 20, d - 20))


def overlap(pdf: bytes) -> bytes:
    """The second range begins inside the value."""
    return _ranged(pdf, lambda a, b, c, d: (a, b, c - 20, d + 20))


def early_gap(pdf: bytes) -> bytes:
    """The first range ends 20 bytes before the value."""
    return _ranged(pdf, lambda a, b, c, d: (a, b - 20, c, d))


def late_start(pdf: bytes) -> bytes:
    """The first range does not begin at the file's first byte."""
    return _ranged(pdf, lambda a, b, c, d: (a + 9, b - 9, c, d))


def too_short(pdf: bytes) -> bytes:
    """The second range ends before the revision does."""
    return _ranged(pdf, lambda a, b, c, d: (a, b, c, d - 30))


def no_second_range(pdf: bytes) -> bytes:
    """Nothing behind the value is covered."""
    return _ranged(pdf, lambda a, b, c, d: (a, b, c, 0))


def no_range(pdf: bytes) -> bytes:
    """USF: /ByteRange is there and covers nothing."""
    return _ranged(pdf, lambda a, b, c, d: (0, 0, 0, 0))


def unnamed_range(pdf: bytes) -> bytes:
    """USF: the first signature has no /ByteRange."""
    return pdf.replace(b"/ByteRange", b"/ByteRanga", 1)


def unnamed_contents(pdf: bytes) -> bytes:
    """USF: the first signature has no /Contents."""
    match = _SIGNED.search(pdf)
    assert match is not None
    return pdf[: match.start()] + b"/Contenta" + pdf[match.start() + 9 :]


def zero_contents(pdf: bytes) -> bytes:
    """USF: the first signature's /Contents is all zeros."""
    start, end = values(pdf)[0]
    return pdf[:start] + b"0" * (end - start) + pdf[end:]


def junk_behind(pdf: bytes) -> bytes:
    """Bytes behind the last end mark."""
    return pdf + b"TEST " * 20


def second_file_behind(pdf: bytes) -> bytes:
    """Another PDF behind the file."""
    return pdf + base("rich")


def second_file_before(pdf: bytes) -> bytes:
    """Another PDF before the file."""
    return base("rich") + pdf


def cut_off(pdf: bytes) -> bytes:
    """The file ends 40 bytes early."""
    return pdf[:-40]


def wrapped(pdf: bytes) -> bytes:
    """Signature wrapping: what was signed last is moved to the end, other content put between."""
    match = BYTE_RANGE.search(pdf)
    assert match is not None
    _, _, resume, length = map(int, match.groups())
    between = b"\n9999 0 obj\n<</Type/Catalog/Pages 9998 0 R>>\nendobj\n"
    moved = resume + length + len(between)
    whole = pdf[: resume + length] + between + pdf[resume : resume + length]
    return _ranged(whole, lambda a, b, c, d: (a, b, moved, d)) if len(whole) else whole


ATTACKS: dict[str, Callable[[bytes], bytes]] = {
    attack.__name__.replace("_", "-"): attack
    for attack in (
        flipped_content,
        flipped_header,
        flipped_signature,
        flipped_attributes,
        flipped_certificate,
        wide_gap,
        overlap,
        early_gap,
        late_start,
        too_short,
        no_second_range,
        no_range,
        unnamed_range,
        unnamed_contents,
        zero_contents,
        junk_behind,
        second_file_behind,
        second_file_before,
        cut_off,
        wrapped,
    )
}


def _ranged(pdf: bytes, change: Callable[[int, int, int, int], tuple[int, int, int, int]]) -> bytes:
    """Return `pdf` with its first /ByteRange changed in place."""
    match = BYTE_RANGE.search(pdf)
    assert match is not None
    numbers = b" ".join(b"%d" % number for number in change(*map(int, match.groups())))
    start, end = match.span()
    written = (b"/ByteRange [" + numbers + b"]").ljust(end - start)
    shorter = (
        written
        if len(written) == end - start
        else (b"/ByteRange[" + numbers + b"]").ljust(end - start)
    )
    assert len(shorter) == end - start, "no room for the range"
    return pdf[:start] + shorter + pdf[end:]


def _transplant(source: bytes, target: bytes, index: int) -> bytes:
    """Return `target` with `source`'s value in its signature `index`."""
    own, foreign = values(target)[index], values(source)
    value = source[slice(*foreign[min(index, len(foreign) - 1)])].rstrip(b"0")
    room = own[1] - own[0]
    assert len(value) <= room, "the other value is too long"
    return target[: own[0]] + value.ljust(room, b"0") + target[own[1] :]
