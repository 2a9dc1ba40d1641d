"""Witnesses that cosign: the C2SP tlog-witness protocol (add-checkpoint).

Its cosignatures are tlog-cosignature.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from archive.base.clock import Clock
from archive.ledger.checkpoint import parse_checkpoint
from archive.ledger.history import Contradiction
from archive.witness.contract import Claim, WitnessAway, contradicted
from archive.witness.web import Web, WebAnswer

_COSIGNATURE = b"\x04"  # the type of an Ed25519 cosigner's key
_LINE = re.compile(r"— (\S+) (\S+)\Z")
_SIZE = re.compile(rb"(0|[1-9]\d{0,11})\n?\Z")
_AHEAD = 300  # seconds that a witness's clock may be ahead of ours


@dataclass(frozen=True, slots=True)
class CosignerKey:
    """A witness's name and Ed25519 key.

    The form is `<name>+<key id in hex>+<base64 of type 4 and public key>`.
    """

    name: str
    public: bytes

    @classmethod
    def parse(cls, text: str) -> "CosignerKey":
        """Parse a witness's verifier key.

        Raises :class:`ValueError` if it is none or its id does not fit.
        """
        name, key_id, material = text.split("+", 2)
        raw = base64.b64decode(material, validate=True)
        key = cls(name, raw[1:])
        if raw[:1] != _COSIGNATURE or len(raw) != 33 or not name or key.key_id.hex() != key_id:
            raise ValueError("not the key of a witness that cosigns")
        return key

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256(name || line feed || type || public key)."""
        return hashlib.sha256(self.name.encode() + b"\n" + _COSIGNATURE + self.public).digest()[:4]

    def __str__(self) -> str:
        material = base64.b64encode(_COSIGNATURE + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{material}"

    def cosigned_at(self, line: str, body: str) -> int | None:
        """Return when this key cosigned the note text `body`, in seconds since 1970.

        Returns None where `line` does not say.
        """
        match = _LINE.match(line)
        try:
            raw = (
                base64.b64decode(match[2], validate=True)
                if match and match[1] == self.name
                else b""
            )
        except ValueError:
            return None
        if raw[:4] != self.key_id or len(raw) != 4 + 8 + 64:
            return None
        at = int.from_bytes(raw[4:12], "big")
        try:
            message = f"cosignature/v1\ntime {at}\n{body}".encode()
            Ed25519PublicKey.from_public_bytes(self.public).verify(raw[12:], message)
        except InvalidSignature:
            return None
        return at


class CosigningWitness:
    """A witness that checks itself that each checkpoint continues the one before, and cosigns it.

    It returns no checkpoints; it compares at every call.
    """

    def __init__(self, name: str, url: str, key: CosignerKey, web: Web, clock: Clock) -> None:
        self.name, self._url, self._key = name, f"{url.rstrip('/')}/add-checkpoint", key
        self._web, self._clock = web, clock

    def kept(self) -> Iterator[bytes]:
        """See :meth:`archive.witness.contract.Witness.kept`; it shows none."""
        return iter(())

    def confirm(self, claim: Claim) -> bytes:
        """See :meth:`archive.witness.contract.Witness.confirm`."""
        old = min(claim.confirmed, claim.size)
        answer = self._add(claim, old)
        if answer.status == 409:  # it cosigned another size last, and names it
            old = self._size_that_it_keeps(claim, answer, old)
            answer = self._add(claim, old)
        if answer.status in (409, 422):  # the sizes agree, the trees do not
            raise contradicted(self.name, Contradiction.REPLACED)
        if answer.status != 200:
            why = {
                403: "it does not know this ledger's key",
                404: "it does not know this ledger's origin",
            }
            raise WitnessAway(
                component=self.name, why=why.get(answer.status, f"HTTP {answer.status}")
            )
        return claim.checkpoint + self._cosignature(claim.checkpoint, answer.body).encode()

    def _size_that_it_keeps(self, claim: Claim, answer: WebAnswer, old: int) -> int:
        match = _SIZE.match(answer.body)
        if match is None:
            raise WitnessAway(component=self.name, why="its conflict names no size")
        size = int(match[1])
        if size > claim.history.size:
            raise contradicted(self.name, Contradiction.SHORTER)
        if size > claim.size:
            raise WitnessAway(
                component=self.name, why="it keeps a newer checkpoint than the vault shows"
            )
        if size == old:
            raise contradicted(self.name, Contradiction.REPLACED)
        return size

    def _add(self, claim: Claim, old: int) -> WebAnswer:
        proof = claim.history.consistency(old, claim.size) if old < claim.size else []
        lines = [f"old {old}", *(base64.b64encode(each).decode() for each in proof), "", ""]
        return self._web.ask(
            "POST", self._url, "\n".join(lines).encode() + claim.checkpoint, "text/plain"
        )

    def _cosignature(self, checkpoint: bytes, answer: bytes) -> str:
        """Return the line in which this witness cosigned; lines of unknown keys are ignored.

        Raises WitnessAway.
        """
        body, latest = parse_checkpoint(checkpoint).body(), self._clock.now().timestamp() + _AHEAD
        for line in answer.decode("utf-8", "replace").splitlines():
            at = self._key.cosigned_at(line, body)
            if at is not None and 0 < at <= latest:
                return f"{line}\n"
        raise WitnessAway(component=self.name, why="its cosignature does not hold")
