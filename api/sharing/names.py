"""The names of the files of packets and receipts, in their order: a closed grammar, nothing else
can hide there.
"""

import re
from collections.abc import Iterable

from signing.asic.names import ASIC_MANIFEST as ASIC_MANIFEST
from signing.asic.names import MEDIA_TYPE as MEDIA_TYPE
from signing.asic.names import MIMETYPE as MIMETYPE
from signing.asic.names import SIGNATURE as SIGNATURE

MANIFEST = "manifest.json"
RECEIPT = "receipt.json"
READING_COPY = "ban-doc.pdf"
FACILITY = "evidence/facility.json"

_ACT = re.compile(r"evidence/acts/(\d{12})\.json\Z")
_PROOF = re.compile(r"evidence/proofs/(\d{12})\.tlog-proof\Z")
_NOT_PLAIN = re.compile(r"[^0-9A-Za-z]+")
_TYPES = {
    ".pdf": "application/pdf",
    ".json": "application/json",
    ".tlog-proof": "text/plain",
}


def document_name(position: int, form: str, document_id: str) -> str:
    """Return the name of the `position`-th original (from 1), e.g.
    `documents/001-36-BV2-<document_id>.pdf`.
    """
    return f"documents/{position:03}-{plain_form(form)}-{document_id}.pdf"


def plain_form(form: str) -> str:
    """Return a form's code as a part of a file's name: ASCII letters, digits and hyphens."""
    return _NOT_PLAIN.sub("-", form).strip("-")[:40]


def act_name(index: int) -> str:
    """Return the name of act `index`; act 0 is the facility's."""
    return f"evidence/acts/{index:012}.json" if index else FACILITY


def proof_name(index: int) -> str:
    """Return the name of the proof of act `index`."""
    return f"evidence/proofs/{index:012}.tlog-proof"


def act_index(name: str) -> int | None:
    """Return the index of the act that the file `name` holds; None where it holds none."""
    match = _ACT.match(name)
    return 0 if name == FACILITY else int(match[1]) if match else None


def proof_index(name: str) -> int | None:
    """Return the index of the act that the file `name` proves; None where it proves none."""
    match = _PROOF.match(name)
    return int(match[1]) if match else None


def media_type(name: str) -> str:
    """Return the media type of a file, by its ending; raises :class:`KeyError` for one that no
    packet has.
    """
    return _TYPES[name[name.rindex(".") :]]


def signed_names(documents: Iterable[str], acts: Iterable[int]) -> list[str]:
    """Return the names of all files that the signature covers, in their order; `acts` has 0, the
    facility's act.
    """
    indices = sorted(acts)
    return [
        MANIFEST,
        *documents,
        READING_COPY,
        *(act_name(index) for index in indices),
        *(proof_name(index) for index in indices),
    ]


def all_names(signed: Iterable[str]) -> list[str]:
    """Return the names of all files of a packet, in their order."""
    return [MIMETYPE, *signed, ASIC_MANIFEST, SIGNATURE]
