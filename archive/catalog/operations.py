"""The operational tables: backed up, never archived, and no act speaks of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from archive.catalog.base import Base


class IntentRow(Base):
    """A submission that is on its way in: the ids and the time that a retry must use again."""

    __tablename__ = "intent"
    submission_id: Mapped[str] = mapped_column(primary_key=True)
    facility: Mapped[str]
    fingerprint: Mapped[str] = mapped_column(unique=True)  # digest of all that the submission says
    chart_id: Mapped[str]
    documents: Mapped[dict[str, Any]]  # paper's content digest -> document id
    claimed_at: Mapped[datetime]
    lease: Mapped[str | None]  # under which it is worked on; None: older than this column


class PendingActRow(Base):
    """An act that is being put into the vault.

    After a lost answer the same bytes are put again, never others.
    """

    __tablename__ = "pending_act"
    facility: Mapped[str] = mapped_column(primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    object_key: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    retain_until: Mapped[datetime]


class OutboxRow(Base):
    """Work that must follow an act, at least once: the only queue that work depends on."""

    __tablename__ = "outbox"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - an id is never used twice: `fulfil` counts on it
    id: Mapped[int] = mapped_column(primary_key=True)
    facility: Mapped[str]
    topic: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str]
    tries: Mapped[int] = mapped_column(default=0, server_default="0")  # that failed
    due_at: Mapped[datetime | None]  # not before; None: now


class ObservationRow(Base):
    """What the store last said of an object's lock, and when."""

    __tablename__ = "observation"
    object_key: Mapped[str] = mapped_column(primary_key=True)
    object_version: Mapped[str] = mapped_column(primary_key=True)
    lock_mode: Mapped[str]
    retain_until: Mapped[datetime]
    observed_at: Mapped[datetime]
    # when to see to it again; None: never
    due_at: Mapped[datetime | None] = mapped_column(index=True)


class LedgerObjectRow(Base):
    """A tile, entry bundle or checkpoint that this home put into the vault."""

    __tablename__ = "ledger_object"
    object_key: Mapped[str] = mapped_column(primary_key=True)
    object_version: Mapped[str]
    facility: Mapped[str]
    kind: Mapped[str]  # tile | entries | checkpoint
    size: Mapped[int]  # of the tree when it was put
    # the date that its lock must reach; None: put by Kho 0.1, no date yet
    retain_until: Mapped[datetime | None]


class WitnessRow(Base):
    """The checkpoint that a witness confirmed last."""

    __tablename__ = "witness"
    facility: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    confirmed_at: Mapped[datetime]
    # the checkpoint, with the witness's cosignature if it gives one
    note: Mapped[bytes] = mapped_column(LargeBinary)


class AccountRow(Base):
    """An account of a person, for the pages and the API."""

    __tablename__ = "account"
    name: Mapped[str] = mapped_column(primary_key=True)
    facility: Mapped[str]
    role: Mapped[str]
    departments: Mapped[list[Any] | None]
    password_hash: Mapped[str]
    full_name: Mapped[str | None]
    created_at: Mapped[datetime | None]  # None: made by Kho before 0.2
    disabled_at: Mapped[datetime | None]
    # an administrator knows the password: the person must replace it before anything else
    must_change_password: Mapped[bool] = mapped_column(default=False)


class SessionRow(Base):
    """A browser in which a person is signed in at the pages."""

    __tablename__ = "web_session"
    digest: Mapped[str] = mapped_column(primary_key=True)  # SHA-256 of the cookie's token
    facility: Mapped[str]
    account: Mapped[str] = mapped_column(index=True)
    password_mark: Mapped[str]  # of the password that was right: another password ends the session
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)  # the last use, to the minute
    expires_at: Mapped[datetime] = mapped_column(index=True)
    browser: Mapped[str]  # the short form of its name
    address: Mapped[str | None]


class SignInTriesRow(Base):
    """Wrong passwords, by what they are counted: a name, an address, a name at a known place."""

    __tablename__ = "sign_in_tries"
    counted: Mapped[str] = mapped_column(primary_key=True)  # a digest: a name may be a password
    # [time, null] of a wrong password, [time, id] of a try under way
    times: Mapped[list[Any]]
    ends_at: Mapped[datetime] = mapped_column(index=True)  # nothing of the row counts after it


class KnownPlaceRow(Base):
    """A place from which a person has signed in: an address or a browser."""

    __tablename__ = "known_place"
    account: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)  # a digest
    seen_at: Mapped[datetime] = mapped_column(index=True)  # the last sign-in, to the day


class ApiKeyRow(Base):
    """A key for programs that call the API: its rights, its end, and its secret's digest."""

    __tablename__ = "api_key"
    # the part of the key by which people recognise it
    id: Mapped[str] = mapped_column(primary_key=True)
    facility: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    departments: Mapped[list[Any] | None]
    digest: Mapped[str]  # SHA-256 of the whole key
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]  # to the minute


class SetPaperRow(Base):
    """A paper that a person has collected, to read it or to take it away."""

    __tablename__ = "set_paper"
    facility: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int]  # its order in the person's set
    kept_until: Mapped[datetime] = mapped_column(index=True)  # the whole set is forgotten then


class IdempotentRequestRow(Base):
    """A request that carries an Idempotency-Key.

    The row holds what it asked, and its answer once there is one.
    """

    __tablename__ = "idempotent_request"
    id: Mapped[str] = mapped_column(primary_key=True)  # digest of facility, caller and key
    request: Mapped[str]  # digest of all that it asks
    expires_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[int | None]  # None: being done, or ended in the middle
    media_type: Mapped[str | None]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)


class ComponentStateRow(Base):
    """The state in which a component was seen last, and since when."""

    __tablename__ = "component_state"
    facility: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]  # ok | unknown | warning | fault
    since: Mapped[datetime]


class HealthCheckRow(Base):
    """The last check of the archive, and the codes of the errors that it found."""

    __tablename__ = "health_check"
    facility: Mapped[str] = mapped_column(primary_key=True)
    ended_at: Mapped[datetime]
    codes: Mapped[list[Any]]


class RefusalRow(Base):
    """What the intake refused; the row has no more of a patient than the sender's file name."""

    __tablename__ = "intake_refusal"
    id: Mapped[str] = mapped_column(primary_key=True)
    facility: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)  # of all that makes two refusals the same
    source: Mapped[str]  # rest | watch | command | page
    sender: Mapped[str]  # the name of the key or account
    name: Mapped[str]  # of the sender's file
    chart: Mapped[str | None] = mapped_column(index=True)  # a digest; None: the source names none
    department: Mapped[str | None]  # its codes, with `;` alone between them
    faults: Mapped[list[Any]]  # the first ones: path, code, and the sentence in both languages
    fault_count: Mapped[int]
    times: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime] = mapped_column(index=True)
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None]  # an account; None: the same came in later and was archived


class EnvelopeRow(Base):
    """A paper that people are still filling in. No act states it."""

    __tablename__ = "envelope"
    id: Mapped[str] = mapped_column(primary_key=True)
    facility: Mapped[str]
    chart_id: Mapped[str] = mapped_column(index=True)
    form: Mapped[str]
    form_version: Mapped[int]
    typed: Mapped[dict[str, Any]]  # what was typed, by the name of each field: a list of texts
    revision: Mapped[int]  # one more with every save
    begun_by: Mapped[str]
    saved_by: Mapped[str]
    saved_at: Mapped[datetime] = mapped_column(index=True)


class EnvelopeReaderRow(Base):
    """When a person last had an envelope open. No act states it."""

    __tablename__ = "envelope_reader"
    envelope_id: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(index=True)
