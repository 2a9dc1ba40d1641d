"""The mark that means an act that was removed: it says which act of removal lists the act.

A mark is stored at `{facility}/acts/{index:012}-{sha256}.removed`, beside the act's own key. It is
no proof: the act of removal is. It makes a gap visible where a reader looks for the next act.
`docs/formats.md` describes it byte by byte.
"""

import json
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from archive.acts.envelope import Digest, act_prefix
from archive.base.canonical import canonical
from archive.base.errors import IntegrityError
from archive.base.facts import Strict
from archive.base.identifiers import FacilityCode, ObjectKey

MEDIA_TYPE = "application/json"
KIND = "removed-act"  # of the row that remembers a mark
_ENDING = ".removed"


class RemovedMark(Strict):
    """The place of a removed act, its digest, and the index of the act that removed it."""

    format: Literal["kho-removed-act/1"] = "kho-removed-act/1"
    index: Annotated[int, Field(ge=1, lt=10**12)]
    digest: Digest
    removal: Annotated[int, Field(ge=2, lt=10**12)]

    def to_bytes(self) -> bytes:
        """Return the canonical bytes."""
        return canonical(self.model_dump(mode="json"))


def mark_key(facility: FacilityCode, index: int, digest: str) -> ObjectKey:
    """Return the key under which the vault keeps the mark of a removed act."""
    return ObjectKey(f"{act_prefix(facility, index)}{digest}{_ENDING}")


def is_mark(key: str) -> bool:
    """Tell whether `key` names a mark and not an act."""
    return key.endswith(_ENDING)


def parse_mark(data: bytes, key: ObjectKey) -> RemovedMark:
    """Parse the mark that the vault holds under `key`; raises IntegrityError."""
    try:
        mark = RemovedMark.model_validate(json.loads(data))
    except (ValueError, ValidationError, RecursionError) as error:
        raise IntegrityError(object=key) from error
    if (
        mark.to_bytes() != data
        or mark_key(FacilityCode(key.partition("/")[0]), mark.index, mark.digest) != key
    ):
        raise IntegrityError(object=key)
    return mark
