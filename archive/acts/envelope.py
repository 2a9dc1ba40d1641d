"""The act: one canonical JSON object (RFC 8785) that names its place, author and changes.

An act is stored at `{facility}/acts/{index:012}-{sha256}.json`. `docs/formats.md` describes it byte
by byte.
"""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError

from archive.base.canonical import CanonicalizationError, canonical
from archive.base.clock import parse_iso
from archive.base.errors import IntegrityError
from archive.base.facts import FacilityCodeText, Strict
from archive.base.identifiers import ChartId, FacilityCode, ObjectKey, Sha256, sha256
from archive.vault.contract import Stored

MEDIA_TYPE = "application/json"  # of an act's own bytes
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Uuid = Annotated[
    str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
]
UtcText = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]


class ActObject(Strict):
    """An object that the act brings: where it is, and what it must be."""

    key: str
    version: str
    sha256: Digest
    size: Annotated[int, Field(ge=0)]
    media_type: str


class ActActor(Strict):
    """The actor of an act, and the actor's role."""

    name: str
    role: str


class Act(Strict):
    """One recorded change of the archive's state."""

    schema_name: Annotated[str, Field(alias="schema", pattern=r"^kho/act/[a-z-]+/[1-9]\d*$")]
    facility: FacilityCodeText
    index: Annotated[int, Field(ge=0, lt=10**12)]
    previous: Digest | None  # None for act 0 only
    time: UtcText
    actor: ActActor
    chart: Uuid | None  # the one chart that the act concerns; None: the act holds ids only
    facts: dict[str, Any]
    objects: tuple[ActObject, ...]
    salt: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]  # random, kept nowhere else
    software: str  # what wrote it, e.g. "kho 0.1.0"
    # archive/acts/signature.py
    signature: Annotated[str, Field(pattern=r"^[0-9A-Za-z+/=]*$", max_length=128)]

    def to_bytes(self) -> bytes:
        """Return the act's canonical bytes."""
        return self._canonical[0]

    def digest(self) -> Sha256:
        """Return the SHA-256 of the canonical bytes."""
        return self._canonical[1]

    def unsigned_bytes(self) -> bytes:
        """Return the canonical bytes of all members but the signature."""
        return self._unsigned

    @cached_property
    def _unsigned(self) -> bytes:
        members = self.model_dump(mode="json", by_alias=True)
        del members["signature"]
        return canonical(members)

    @cached_property
    def _canonical(self) -> tuple[bytes, Sha256]:
        # An act does not change, and its bytes are needed a dozen times: canonical JSON of a large
        # act takes long.
        data = canonical(self.model_dump(mode="json", by_alias=True))
        return data, sha256(data)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with other members; what was worked out of the old ones is not theirs."""
        copied = super().model_copy(update=update, deep=deep)
        for name in ("_unsigned", "_canonical"):
            copied.__dict__.pop(name, None)
        return copied


def act_prefix(facility: FacilityCode, index: int) -> str:
    """Return what the key of act `index` starts with, whatever its digest."""
    return f"{facility}/acts/{index:012}-"


def act_key(act: Act) -> ObjectKey:
    """Return the key under which the vault keeps the act."""
    return ObjectKey(f"{act_prefix(FacilityCode(act.facility), act.index)}{act.digest()}.json")


def parse_act(data: bytes, key: str) -> Act:
    """Parse the bytes that the vault holds under `key`.

    Raises IntegrityError unless they are canonical, fit the schema, and are what the key says.
    """
    try:
        act = Act.model_validate(json.loads(data))
        parse_iso(act.time)
        whole = act.to_bytes() == data and act_key(act) == key
    except (ValueError, ValidationError, RecursionError, CanonicalizationError) as error:
        raise IntegrityError(object=key) from error
    if not whole:
        raise IntegrityError(object=key)
    return act


class Draft(Strict):
    """An act before the sequencer gives it its index, previous digest, time and salt.

    `seen` is what the vault said of objects that were put for it: no part of the act, remembered
    once it is applied.
    """

    schema_name: str
    actor: ActActor
    chart: ChartId | None
    facts: dict[str, Any]
    objects: tuple[ActObject, ...] = ()
    seen: tuple[Stored, ...] = ()
