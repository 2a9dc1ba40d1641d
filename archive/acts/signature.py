"""Signatures of acts: the ledger's key signs each act.

Write access to the vault alone therefore forges nothing.
"""

import base64
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from archive.acts.envelope import Act
from archive.base.errors import IntegrityError
from archive.ledger.checkpoint import CheckpointSigner, VerifierKey

CONTEXT = b"kho-act-signature/1\n"


class Forged(IntegrityError):
    """An act that the ledger's key did not sign: something other than Kho wrote to the vault."""

    code = "acts.forged"


def signed(members: dict[str, Any], signer: CheckpointSigner) -> Act:
    """Return the act of these members (all but `signature`), signed."""
    unsigned = Act.model_validate({**members, "signature": ""})
    signature = signer.sign_bytes(CONTEXT + unsigned.unsigned_bytes())
    return unsigned.model_copy(update={"signature": base64.b64encode(signature).decode()})


def require_signed(act: Act, key: VerifierKey) -> None:
    """Return if `key` signed the act; raises Forged."""
    try:
        raw = base64.b64decode(act.signature, validate=True)
        Ed25519PublicKey.from_public_bytes(key.public).verify(raw, CONTEXT + act.unsigned_bytes())
    except (ValueError, InvalidSignature) as error:
        raise Forged(object=f"{act.index}") from error
