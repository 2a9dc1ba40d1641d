"""Which device holds the seal's key, and by which names it is found there."""

import json
from dataclasses import asdict, dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Place:
    """A key in a device. Empty texts are not stated; paths are absolute.

    `module` is the vendor's PKCS#11 library. `token` is the token's label, `serial` its serial
    number, `slot` the id of its slot. `key` and `certificate` are labels (CKA_LABEL), or `id:` with
    a CKA_ID in hexadecimal digits. `pin_file` holds the user's PIN. `refused_file` is where Kho
    remembers a PIN that the token refused.
    """

    module: str
    refused_file: str
    token: str = ""
    serial: str = ""
    slot: int | None = None
    key: str = ""
    certificate: str = ""
    pin_file: str = ""

    def to_json(self) -> str:
        """Return the place as JSON: no member is secret."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the place that :meth:`to_json` wrote."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class ObjectName:
    """The name of an object in a token: its label, or its id (CKA_ID)."""

    label: str = ""
    id: bytes = b""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the name that `text` states: `id:` and hexadecimal digits, else a label.

        Raises :class:`ValueError` for an id of other digits.
        """
        kind, colon, digits = text.partition(":")
        if colon and kind == "id":
            return cls(id=bytes.fromhex(digits))
        return cls(label=text)
