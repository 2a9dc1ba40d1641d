"""Checkpoints (C2SP tlog-checkpoint): the signed head of the ledger.

A checkpoint is a signed note with an Ed25519 key.

<origin>
<size>
<root, base64>

— <key name> <base64 of key id and signature>
"""

import base64
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

MAX_BYTES = 64 << 10  # of a checkpoint, cosignatures and all
_ED25519 = b"\x01"
_NAME = re.compile(r"[^\s+]+\Z")
_SIGNATURE = re.compile(r"— (\S+) (\S+)\Z")


@dataclass(frozen=True, slots=True)
class TreeHead:
    """A ledger's size and root under its origin."""

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        """Return the note's text, which is what is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A note verifier key: `<name>+<key id in hex>+<base64 of type and public key>`."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256(name || line feed || type || public key)."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return (
            f"{self.name}+{self.key_id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"
        )

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Parse a verifier key.

        Raises :class:`ValueError` if it is not an Ed25519 key or its id does not fit.
        """
        try:
            name, key_id, material = text.split("+", 2)
            raw = base64.b64decode(material, validate=True)
        except ValueError as error:
            raise ValueError("not a note verifier key") from error
        if raw[:1] != _ED25519 or len(raw) != 33 or not _NAME.match(name):
            raise ValueError("not an Ed25519 note verifier key")
        key = cls(name, raw[1:])
        if key.key_id.hex() != key_id:
            raise ValueError("the key id does not belong to the key")
        return key


class CheckpointSigner:
    """Signs heads with the ledger's private key."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        if not _NAME.match(name):
            raise ValueError("a key name has no white space and no plus sign")
        self._private = private
        self.verifier = VerifierKey(name, private.public_key().public_bytes_raw())

    def sign_bytes(self, data: bytes) -> bytes:
        """Return the Ed25519 signature of `data`.

        `data` begins with its own context, never with an origin line.
        """
        return self._private.sign(data)

    def sign(self, head: TreeHead) -> bytes:
        """Return the checkpoint of `head`."""
        body = head.body()
        signature = self.verifier.key_id + self._private.sign(body.encode())
        return f"{body}\n— {self.verifier.name} {base64.b64encode(signature).decode()}\n".encode()


def parse_checkpoint(note: bytes) -> TreeHead:
    """Return the head that `note` states, without a check of signatures.

    Raises :class:`ValueError` for other bytes.
    """
    return _parsed(note)[0]


def open_checkpoint(note: bytes, verifier: VerifierKey) -> TreeHead:
    """Return the head that `note` states.

    Raises :class:`ValueError` unless `verifier`'s key signed it.
    """
    head, signatures = _parsed(note)
    public = Ed25519PublicKey.from_public_bytes(verifier.public)
    for line in signatures.splitlines():
        match = _SIGNATURE.match(line)
        if not match or match[1] != verifier.name:
            continue
        raw = base64.b64decode(match[2])
        if raw[:4] != verifier.key_id:
            continue
        try:
            public.verify(raw[4:], head.body().encode())
        except InvalidSignature as error:
            raise ValueError("the checkpoint's signature is wrong") from error
        return head
    raise ValueError("the checkpoint is not signed by this ledger's key")


def _parsed(note: bytes) -> tuple[TreeHead, str]:
    """Return the head and the signature lines of a note."""
    if len(note) > MAX_BYTES:
        raise ValueError("too large for a checkpoint")
    try:
        body, signatures = note.decode("utf-8").split("\n\n", 1)
        origin, size, root = body.split("\n")
        head = TreeHead(origin, int(size), base64.b64decode(root, validate=True))
    except ValueError as error:
        raise ValueError("not a checkpoint") from error
    if head.body() != body + "\n" or head.size < 0 or len(head.root) != 32:
        raise ValueError("not a checkpoint")
    return head, signatures
