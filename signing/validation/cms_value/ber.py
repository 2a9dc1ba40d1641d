"""BER with definite lengths: what makers write (X.690, clause 8) becomes what parsers expect.

CMS allows BER where nothing is signed (RFC 5652, 4 and 5.2): lengths that are not stated, and
strings in pieces. Both are rewritten. A part that has neither keeps its exact bytes, so that
signed attributes, certificates and timestamps keep their digests.
"""

_MAX_DEPTH = 64  # deeper than any CMS; keeps a hostile nesting from exhausting the stack
_CONSTRUCTED = 0x20
_HIGH_TAG = 0x1F
_BIT_STRING = 3
_SEQUENCE, _SET = 16, 17
_END_OF_CONTENTS = b"\x00\x00"


class NotBer(ValueError):
    """The bytes are not BER."""


def with_definite_lengths(data: bytes) -> tuple[bytes, int]:
    """Return the BER value at the start of `data`, with definite lengths and strings in one piece,
    and the index after it in `data`.

    A string in pieces under an implicit tag cannot be recognised without its type; it stays so.
    Raises :class:`NotBer`.
    """
    return _value(data, 0, len(data), 0)


def values(data: bytes) -> list[bytes]:
    """Return the values that `data`, the contents of a SET OF or SEQUENCE OF with definite lengths,
    consists of; raises :class:`NotBer`.
    """
    parts, at = [], 0
    while at < len(data):
        end = _length(data, _end_of_identifier(data, at, len(data)), len(data))[1]
        if end is None:
            raise NotBer("a length is not stated")
        parts.append(data[at:end])
        at = end
    return parts


def contents(value: bytes) -> bytes:
    """Return the contents octets of one value with a definite length; raises :class:`NotBer`."""
    start, end = _length(value, _end_of_identifier(value, 0, len(value)), len(value))
    if end is None:
        raise NotBer("a length is not stated")
    return value[start:end]


def _value(data: bytes, start: int, limit: int, depth: int) -> tuple[bytes, int]:
    if depth > _MAX_DEPTH:
        raise NotBer("nested too deep")
    body = _end_of_identifier(data, start, limit)
    identifier = data[start:body]
    body, end = _length(data, body, limit)
    if not identifier[0] & _CONSTRUCTED:
        if end is None:
            raise NotBer("a primitive value without a length")
        return data[start:end], end
    members, after = _members(data, body, end, limit, depth)
    if _is_string(identifier[0]):
        return _joined(identifier[0] & ~_CONSTRUCTED, members), after
    whole = b"".join(members)
    if end is not None and whole == data[body:end]:
        return data[start:end], after
    return identifier + _length_octets(len(whole)) + whole, after


def _members(
    data: bytes, start: int, end: int | None, limit: int, depth: int
) -> tuple[list[bytes], int]:
    """Return the values in a constructed value, and where it ends; `end` is None where it does not
    say so.
    """
    members: list[bytes] = []
    at = start
    while at != end:
        if end is None and data[at : at + 2] == _END_OF_CONTENTS:
            return members, at + 2
        member, at = _value(data, at, limit if end is None else end, depth + 1)
        members.append(member)
    return members, at


def _end_of_identifier(data: bytes, start: int, limit: int) -> int:
    if start >= limit:
        raise NotBer("cut off")
    at = start + 1
    if data[start] & _HIGH_TAG == _HIGH_TAG:
        while at < limit and data[at] & 0x80:
            at += 1
        at += 1
    return at


def _length(data: bytes, at: int, limit: int) -> tuple[int, int | None]:
    """Return where the contents start and end (None: at an end-of-contents mark)."""
    if at >= limit:
        raise NotBer("cut off")
    first, body = data[at], at + 1
    if first == 0x80:
        return body, None
    length = first
    if first > 0x80:
        body += first & 0x7F
        length = int.from_bytes(data[at + 1 : body], "big")
    if body + length > limit:
        raise NotBer("cut off")
    return body, body + length


def _is_string(identifier: int) -> bool:
    """Tell whether a constructed value is a string in pieces: of the universal types, only SEQUENCE
    and SET are constructed by nature (X.690, 8.9 and 8.11).
    """
    return identifier < 0x40 and identifier & 0x1F not in (_SEQUENCE, _SET)


def _joined(identifier: int, pieces: list[bytes]) -> bytes:
    if any(piece[0] != identifier for piece in pieces):
        raise NotBer("a string in pieces of other types")
    parts = [contents(piece) for piece in pieces]
    if identifier == _BIT_STRING:
        # only the last piece may have unused bits (X.690, 8.6.4)
        if not all(parts) or any(part[0] for part in parts[:-1]):
            raise NotBer("a bit string in pieces that do not fit")
        unused = parts[-1][:1] if parts else b"\x00"
        parts = [unused, *(part[1:] for part in parts)]
    whole = b"".join(parts)
    return bytes([identifier]) + _length_octets(len(whole)) + whole


def _length_octets(length: int) -> bytes:
    if length < 0x80:
        return bytes([length])
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets
