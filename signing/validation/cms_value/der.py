"""Strict DER (X.690, clauses 8 and 10): where a value ends, and whether it is written in the one
way allowed.
"""

_BOOLEAN, _INTEGER, _BIT_STRING, _NULL, _OBJECT_IDENTIFIER, _ENUMERATED = 1, 2, 3, 5, 6, 10
_SEQUENCE, _SET = 16, 17
_STRINGS = frozenset({_BIT_STRING, 4, 12, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 30})
_MAX_DEPTH = 64  # deeper than any CMS; keeps a hostile nesting from exhausting the stack


class NotDer(ValueError):
    """The bytes are not DER."""


def end_of_value(data: bytes, start: int = 0) -> int:
    """Return the index after the DER value that begins at `start`; raises :class:`NotDer`."""
    return _header(data, start, len(data))[2]


def check(data: bytes) -> None:
    """Raise :class:`NotDer` unless `data` is exactly one DER value, through all its levels.

    The order of SET OF elements is not checked: time-stamping authorities that sort wrongly are
    common, and the order hides nothing. The content of OCTET STRINGs is not checked.
    """
    if _value(data, 0, len(data), 0) != len(data):
        raise NotDer("bytes follow the value")


def _header(data: bytes, start: int, limit: int) -> tuple[int, int, int]:
    """Return the identifier octet, where the contents start, and where they end."""
    if start + 2 > limit:
        raise NotDer("cut off")
    identifier, length, body = data[start], data[start + 1], start + 2
    if identifier & 0x1F == 0x1F:
        raise NotDer("high tag numbers do not occur in CMS")
    if length >= 0x80:
        octets = data[body : body + (length & 0x7F)]
        body += length & 0x7F
        if not octets or octets[0] == 0 or body > limit:
            raise NotDer("indefinite or padded length")
        length = int.from_bytes(octets, "big")
        if length < 0x80:
            raise NotDer("long form of a short length")
    if body + length > limit:
        raise NotDer("cut off")
    return identifier, body, body + length


def _value(data: bytes, start: int, limit: int, depth: int) -> int:
    if depth > _MAX_DEPTH:
        raise NotDer("nested too deep")
    identifier, body, end = _header(data, start, limit)
    constructed, universal, number = bool(identifier & 0x20), identifier < 0x40, identifier & 0x1F
    if universal and constructed != (number in (_SEQUENCE, _SET)):
        raise NotDer("a string in pieces, or a primitive sequence")
    if constructed:
        while body < end:
            body = _value(data, body, end, depth + 1)
    elif universal:
        _primitive(number, data[body:end])
    return end


def _primitive(number: int, contents: bytes) -> None:
    if number == _BOOLEAN:
        sound = contents in (b"\x00", b"\xff")
    elif number in (_INTEGER, _ENUMERATED):
        sound = bool(contents) and not (
            len(contents) > 1 and (contents[0], contents[1] >> 7) in ((0x00, 0), (0xFF, 1))
        )
    elif number == _NULL:
        sound = not contents
    elif number == _OBJECT_IDENTIFIER:
        sound = bool(contents) and not contents[-1] & 0x80
    elif number == _BIT_STRING:
        unused = contents[0] if contents else 8
        sound = (
            unused < 8
            and (len(contents) > 1 or unused == 0)
            and not contents[-1] & ((1 << unused) - 1)
        )
    else:
        sound = number in _STRINGS
    if not sound:
        raise NotDer(f"universal type {number} is not written as DER wants it")
