"""Handing the ledger over to a new key: the key first, then the act, then the exchange of the key's
file.

A kill between any two steps loses nothing: the new key lies beside the old one before the act can
be written. The next process that writes exchanges the files
(:func:`api.composition.ledger_key.checkpoint_signer`).
"""

from datetime import datetime

from sqlalchemy.orm import Session

from api.composition.ledger_key import LEDGER_KEY, prepared_file, prepared_key
from api.home import Home
from archive.access.actor import Actor, Permission
from archive.acts.envelope import ActActor, Draft
from archive.acts.ledger_key import SCHEMA, countersigned
from archive.coordination.sequencer_session import last_act
from archive.ledger.checkpoint import CheckpointSigner, VerifierKey
from archive.ledger.keys import ledger_keys
from archive.process import crash
from archive.vault.policy import rolling_until


def hand_over(home: Home, actor: Actor) -> VerifierKey:
    """Hand the ledger over to a new key, and return it; a handover that was interrupted is finished
    instead.

    Raises Denied, ReadOnlyHome, KeyNotInForce, Misconfigured, and what the vault and the witnesses
    raise. The old key is gone from this home when this returns.
    """
    actor.require(Permission.MAINTAIN)
    with home.leases.hold("ledger-key"):
        home.catch_up()
        home.sequencer.catch_up()  # an act of an interrupted handover may wait to be applied
        if not _finished(home):
            _hand_over(home, actor)
            crash.point("key.stated")
        signer = home.ledger_signer()  # exchanges the files
        crash.point("key.exchanged")
    home.follow_ups.outbox.drain("ledger")
    return signer.verifier


def _finished(home: Home) -> bool:
    """Return whether the key that an interrupted handover prepared is now in force and its file
    exchanged.
    """
    prepared = prepared_file(home.folder / LEDGER_KEY)
    was_there = prepared.exists()
    home.ledger_signer()  # exchanges the files where the act is there
    return was_there and not prepared.exists()


def _hand_over(home: Home, actor: Actor) -> None:
    """Prepare the new key and append the act."""
    passphrase = home.settings.ledger.passphrase.get_secret_value()
    keys = home.signed.keys()
    new = CheckpointSigner(keys.origin, prepared_key(home.folder / LEDGER_KEY, keys, passphrase))
    crash.point("key.prepared")

    def make(session: Session) -> tuple[Draft, datetime] | None:
        last = last_act(session, home.code)
        if last is None or new.verifier in ledger_keys(session, home.code).all:
            return None
        facts = countersigned(home.code, last.index + 1, last.digest, new)
        draft = Draft(
            schema_name=SCHEMA,
            actor=ActActor(name=actor.name, role=actor.role),
            chart=None,
            facts=facts.model_dump(mode="json"),
        )
        return draft, rolling_until(home.writing_clock.now())

    home.sequencer.append(make)
