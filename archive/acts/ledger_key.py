"""`kho/act/ledger-key/1`: the ledger changes its key.

The old key signs the act, the new one countersigns it.

Every later act, and every checkpoint that counts this act, is signed by the new key (NIST SP 800-57
part 1, 5.3.6: a signature key has an end). An act with only one of the two signatures is refused:
one key alone changes nothing.
"""

import base64
from typing import Annotated

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import Field
from sqlalchemy.orm import Session

from archive.acts.envelope import Act
from archive.acts.signature import Forged
from archive.base.canonical import canonical
from archive.base.errors import IntegrityError
from archive.base.facts import Strict
from archive.base.identifiers import FacilityCode
from archive.catalog.tables import LedgerKeyRow
from archive.ledger.checkpoint import CheckpointSigner, VerifierKey
from archive.ledger.keys import LedgerKeys, ledger_keys

SCHEMA = "kho/act/ledger-key/1"
CONTEXT = b"kho-ledger-key/1\n"


class LedgerKey(Strict):
    """The new key and its Ed25519 signature in base64.

    The key is a note verifier key under the ledger's origin.
    """

    key: Annotated[str, Field(max_length=1024)]
    countersignature: Annotated[str, Field(pattern=r"^[0-9A-Za-z+/]{86}==$")]


def countersigned(
    facility: FacilityCode, index: int, previous: str, new: CheckpointSigner
) -> LedgerKey:
    """Return the facts of act `index`, in which the key `new` takes over.

    The act before it has the digest `previous`.
    """
    key = str(new.verifier)
    signature = new.sign_bytes(_body(facility, index, previous, key))
    return LedgerKey(key=key, countersignature=base64.b64encode(signature).decode())


def followed_by(keys: LedgerKeys, act: Act, facts: LedgerKey) -> LedgerKeys:
    """Return the keys of the ledger from `act` on; the caller has checked the act's own signature.

    Raises Forged where the new key did not countersign this very act; IntegrityError for what is no
    key of this ledger, and for a key that the ledger had before: a holder of an old key must not
    regain the ledger with it.
    """
    try:
        new = VerifierKey.parse(facts.key)
    except ValueError as error:
        raise IntegrityError(object=f"act {act.index}") from error
    body = _body(FacilityCode(act.facility), act.index, str(act.previous), facts.key)
    try:
        Ed25519PublicKey.from_public_bytes(new.public).verify(
            base64.b64decode(facts.countersignature), body
        )
    except (ValueError, InvalidSignature) as error:
        raise Forged(object=f"{act.index}") from error
    if new.name != keys.origin or new.public in {old.public for _, old in keys.stated}:
        raise IntegrityError(object=f"act {act.index}")
    return LedgerKeys(keys.origin, (*keys.stated, (act.index, new)))


def apply(session: Session, act: Act, facts: LedgerKey) -> None:
    """Write the key; earlier ones stay. Raises as :func:`followed_by`."""
    followed_by(ledger_keys(session, FacilityCode(act.facility)), act, facts)
    session.add(LedgerKeyRow(facility=act.facility, act_index=act.index, key=facts.key))


def _body(facility: FacilityCode, index: int, previous: str, key: str) -> bytes:
    """Return what the new key signs: the act's place in the chain of acts, and the key."""
    return CONTEXT + canonical(
        {"facility": facility, "index": index, "previous": previous, "key": key}
    )
