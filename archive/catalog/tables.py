"""The projected tables: only `archive.acts` writes them.

They can always be rebuilt from the vault.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, declared_attr, foreign, mapped_column, relationship

from archive.catalog.base import Base


class FacilityRow(Base):
    """The facility whose archive this is (act 0)."""

    __tablename__ = "facility"
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    authority: Mapped[str]
    address: Mapped[str]
    public_url: Mapped[str | None]
    ledger_origin: Mapped[str] = mapped_column(unique=True)
    ledger_key: Mapped[str]  # the ledger's first key: a note verifier key (C2SP signed-note)


class LedgerKeyRow(Base):
    """A later key of the ledger, and the act that handed over to it; the newest is in force."""

    __tablename__ = "ledger_key"
    facility: Mapped[str] = mapped_column(ForeignKey("facility.code"), primary_key=True)
    act_index: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]  # a note verifier key


class SealChainRow(Base):
    """The certificates of a seal, leaf first, as PEM; the newest act's chain is in force."""

    __tablename__ = "seal_chain"
    facility: Mapped[str] = mapped_column(ForeignKey("facility.code"), primary_key=True)
    act_index: Mapped[int] = mapped_column(primary_key=True)
    pem: Mapped[str]


class StoredObjectRow(Base):
    """One object that an act brought into the vault, or the act's own bytes.

    The table lists all that must be there.

    Locks, deposit, check and repair read this table only. A new kind of act adds its objects to it.
    """

    __tablename__ = "stored_object"
    __table_args__ = (Index("ix_stored_object_facility", "facility", "act_index"),)
    object_key: Mapped[str] = mapped_column(primary_key=True)
    # its version id in the store today: a copied store may have other version ids
    object_version: Mapped[str]
    facility: Mapped[str]
    act_index: Mapped[int]  # of the act that brought it
    chart_id: Mapped[str | None] = mapped_column(index=True)  # None: it belongs to no chart
    kind: Mapped[str]  # act | document | receipt | ...: `archive.acts.apply.ActKind.brings`
    sha256: Mapped[str]
    size: Mapped[int]
    media_type: Mapped[str]


class _Stored:
    """A row that names an object of the vault by its key."""

    object_key: Mapped[str]

    @declared_attr
    @classmethod
    def stored(cls) -> Mapped[StoredObjectRow | None]:
        """The object."""
        return relationship(
            StoredObjectRow,
            primaryjoin=lambda: foreign(cls.object_key) == StoredObjectRow.object_key,
            viewonly=True,
            lazy="joined",
        )

    @property
    def object_version(self) -> str:
        """The object's version id in the store today.

        Empty where the catalogue has lost the object.
        """
        return self.stored.object_version if self.stored is not None else ""


class ActRow(_Stored, Base):
    """One act, by its index in the facility's ledger."""

    __tablename__ = "act"
    __table_args__ = (
        # the few acts of a kind among very many of charts
        Index(
            "ix_act_of_no_chart",
            "facility",
            "schema",
            "index",
            sqlite_where=text("chart_id IS NULL"),
            postgresql_where=text("chart_id IS NULL"),
        ),
    )
    facility: Mapped[str] = mapped_column(primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    schema: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    time: Mapped[datetime]
    actor_name: Mapped[str]
    actor_role: Mapped[str]
    chart_id: Mapped[str | None] = mapped_column(index=True)
    object_key: Mapped[str]
    size: Mapped[int]


class ChartRow(Base):
    """One episode of care (hồ sơ bệnh án)."""

    __tablename__ = "chart"
    __table_args__ = (
        UniqueConstraint("facility", "episode"),
        UniqueConstraint("facility", "archive_number"),
        Index("ix_chart_state", "facility", "state", "discharged_at"),  # what waits for a deposit
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    facility: Mapped[str] = mapped_column(ForeignKey("facility.code"))
    episode: Mapped[str]
    kind: Mapped[str]
    department: Mapped[str | None]  # as stated: one code, or several with `;` between them
    admitted_at: Mapped[datetime | None]
    discharged_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    diagnoses: Mapped[list[Any]]
    state: Mapped[str]  # open | deposited
    archive_number: Mapped[str | None]
    deposited_at: Mapped[datetime | None]
    retain_until: Mapped[datetime | None]
    rule: Mapped[str | None]
    opened_at: Mapped[datetime] = mapped_column(index=True)
    patient: Mapped["PatientRow"] = relationship(cascade="all, delete-orphan", lazy="joined")
    documents: Mapped[list["DocumentRow"]] = relationship(
        order_by="DocumentRow.position", back_populates="chart"
    )


class ChartDepartmentRow(Base):
    """A department that a chart names, by its code; a stay in several departments names each."""

    __tablename__ = "chart_department"
    __table_args__ = (Index("ix_chart_department_code", "facility", "code", "chart_id"),)
    chart_id: Mapped[str] = mapped_column(ForeignKey("chart.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    facility: Mapped[str]


class PatientRow(Base):
    """A chart's patient as that chart gives them: the row lives and goes with its chart."""

    __tablename__ = "patient"
    chart_id: Mapped[str] = mapped_column(ForeignKey("chart.id"), primary_key=True)
    local_id: Mapped[str | None]
    name: Mapped[str]
    birth_date: Mapped[str | None]
    sex: Mapped[str | None]
    national_id: Mapped[str | None]
    social_insurance_number: Mapped[str | None]
    insurance_cards: Mapped[list[Any]]
    address: Mapped[str | None]


class DocumentRow(_Stored, Base):
    """One archived document: a form of a chart as one signed PDF/A."""

    __tablename__ = "document"
    __table_args__ = (
        ForeignKeyConstraint(["facility", "act_index"], ["act.facility", "act.index"]),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    facility: Mapped[str]
    chart_id: Mapped[str] = mapped_column(ForeignKey("chart.id"), index=True)
    form: Mapped[str] = mapped_column(index=True)
    form_version: Mapped[int]
    form_definition: Mapped[str]
    title_vi: Mapped[str]
    title_en: Mapped[str]
    key: Mapped[str]  # the paper's key in its source
    content: Mapped[str]  # SHA-256 of what the paper says; equal content is the same paper
    sha256: Mapped[str] = mapped_column(index=True)
    size: Mapped[int]
    object_key: Mapped[str] = mapped_column(unique=True)
    origin: Mapped[str]
    # the received file (`archive.acts.accession.OriginalFile`)
    original: Mapped[dict[str, Any] | None]
    # of that file: it may be submitted again
    original_sha256: Mapped[str | None] = mapped_column(index=True)
    level: Mapped[str | None]
    # what the paper says of itself: its day (YYYY-MM-DD in Viet Nam) and its sheet's number
    dated: Mapped[str | None]
    sheet: Mapped[str | None]
    claimed_at: Mapped[datetime]
    sealed_at: Mapped[datetime | None]  # None: Kho did not seal it
    submission_id: Mapped[str] = mapped_column(index=True)
    act_index: Mapped[int]
    position: Mapped[int]  # order within the chart
    superseded_by: Mapped[str | None]
    chart: Mapped[ChartRow] = relationship(back_populates="documents")


class SubmissionRow(Base):
    """One message that was archived: the same message again is answered from here."""

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("facility", "chart_id", "fingerprint"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    facility: Mapped[str]
    chart_id: Mapped[str] = mapped_column(ForeignKey("chart.id"))
    fingerprint: Mapped[str]
    act_index: Mapped[int]


class NumberRow(Base):
    """The last archive number issued in a year.

    Numbers are never used twice, so this only grows.
    """

    __tablename__ = "archive_number"
    facility: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class HandoverRow(Base):
    """One referral packet that was made: ids only."""

    __tablename__ = "handover"
    packet_id: Mapped[str] = mapped_column(primary_key=True)
    facility: Mapped[str]
    chart_id: Mapped[str] = mapped_column(index=True)
    recipient: Mapped[str]
    reason: Mapped[str]
    sha256: Mapped[str]
    act_index: Mapped[int]


class ReceivedPacketRow(Base):
    """One referral packet whose documents were taken in: ids only."""

    __tablename__ = "received_packet"
    facility: Mapped[str] = mapped_column(primary_key=True)
    act_index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    packet_id: Mapped[str] = mapped_column(index=True)
    chart_id: Mapped[str] = mapped_column(index=True)
    sender: Mapped[str]
    sha256: Mapped[str]
    ledger_key: Mapped[str | None]  # of the sender's ledger; None: an act of before stated none
    signer: Mapped[str | None]  # subject of the certificate that signed the packet
    certificate: Mapped[str | None]  # its SHA-256


class PacketReceiptRow(_Stored, Base):
    """The signed receipt of one referral packet, an object of the vault: ids only."""

    __tablename__ = "packet_receipt"
    facility: Mapped[str] = mapped_column(primary_key=True)
    act_index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # given: for a packet that Kho received; returned: for a packet that Kho sent
    direction: Mapped[str]
    packet_id: Mapped[str] = mapped_column(index=True)
    chart_id: Mapped[str] = mapped_column(index=True)
    partner: Mapped[str]  # the other facility's code
    # of the other facility's ledger; None: an act of before stated none
    ledger_key: Mapped[str | None]
    signer: Mapped[str | None]  # subject of the other facility's certificate
    certificate: Mapped[str | None]  # its SHA-256
    # when the documents were archived at the receiver, as the receipt says
    received_at: Mapped[datetime]
    sha256: Mapped[str]
    size: Mapped[int]
    object_key: Mapped[str] = mapped_column(unique=True)


class PartnerRow(Base):
    """Another facility whose ledger and seals a person has confirmed."""

    __tablename__ = "partner"
    facility: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    ledger_origin: Mapped[str]
    ledger_key: Mapped[str]
    seals: Mapped[list[Any]]  # of `archive.acts.partner.SealCertificate`
    act_index: Mapped[int]  # the act that states the partner as it is


class DepartmentNameRow(Base):
    """A name that the facility gave to a department, and the day from which it holds."""

    __tablename__ = "department_name"
    facility: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[str] = mapped_column(primary_key=True)  # YYYY-MM-DD in Viet Nam
    name: Mapped[str]
    act_index: Mapped[int]


class RemovedActRow(Base):
    """An act that was removed lawfully: with its digest the ledger and the chain of acts go on."""

    __tablename__ = "removed_act"
    facility: Mapped[str] = mapped_column(primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str]
    chart_id: Mapped[str] = mapped_column(index=True)
    removed_by: Mapped[int] = mapped_column(index=True)  # the act of the removal


class RemovedChartRow(Base):
    """What stays of a chart that was removed: ids, its number, its rule and its years."""

    __tablename__ = "removed_chart"
    id: Mapped[str] = mapped_column(primary_key=True)
    facility: Mapped[str]
    archive_number: Mapped[str]
    rule: Mapped[str]
    retain_until: Mapped[datetime]
    act_index: Mapped[int]


class LedgerNodeRow(Base):
    """The hash of one complete subtree of the ledger (RFC 6962).

    Its height is `level`, its place from the left `position`.
    """

    __tablename__ = "ledger_node"
    facility: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


# Parents first; `kho dump` writes them, `kho rebuild` empties them (children first) and fills them
# again.
PROJECTED: tuple[type[Base], ...] = (
    FacilityRow,
    LedgerKeyRow,
    SealChainRow,
    ActRow,
    StoredObjectRow,
    ChartRow,
    ChartDepartmentRow,
    PatientRow,
    DocumentRow,
    SubmissionRow,
    NumberRow,
    HandoverRow,
    ReceivedPacketRow,
    PacketReceiptRow,
    PartnerRow,
    DepartmentNameRow,
    RemovedActRow,
    RemovedChartRow,
    LedgerNodeRow,
)
