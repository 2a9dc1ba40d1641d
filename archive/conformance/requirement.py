"""What production mode asks of a store: a signed record of its own.

The record is whole, of today's suite, not too old, and no refusal.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from archive.base.errors import KhoError
from archive.conformance.catalogue import catalogue
from archive.conformance.record import Place, Record
from archive.conformance.verdict import Verdict

_AHEAD = timedelta(days=1)  # a record from further in the future was made by another clock


class StoreUnproven(KhoError):
    """Production mode does not start: nothing shows that this store keeps what it must."""

    code = "store.unproven"


class StoreRefused(KhoError):
    """Production mode does not start: the store was tried and broke a promise."""

    code = "store.refused"


def require(
    record: Record | None, place: Place, ledger_keys: Collection[bytes], now: datetime
) -> None:
    """Raise StoreUnproven or StoreRefused unless `record` lets production mode start.

    The record must be about the vault at `place`.

    `ledger_keys` are this archive's public Ed25519 keys (32 bytes each), of today and before;
    `record` is the newest about `place`, None without one.
    """
    if record is None:
        raise StoreUnproven(
            why_vi="kho đối tượng này chưa được thử", why_en="this object store was never tested"
        )
    if record.store.place != place:
        raise StoreUnproven(
            why_vi="biên bản thuộc về kho đối tượng khác",
            why_en="the record belongs to another object store",
        )
    if not any(map(record.is_signed_by, ledger_keys)):
        raise StoreUnproven(
            why_vi="biên bản không do khóa của kho lưu trữ này ký",
            why_en="this archive did not sign the record",
        )
    if record.suite != catalogue().suite:
        raise StoreUnproven(
            why_vi="biên bản theo bộ thử cũ", why_en="the record comes from an older test suite"
        )
    age, allowed = record.age(now), timedelta(days=catalogue().valid_days)
    if not -_AHEAD <= age <= allowed:
        raise StoreUnproven(
            why_vi=f"biên bản đã quá {allowed.days} ngày",
            why_en=f"the record is older than {allowed.days} days",
        )
    if record.verdict is Verdict.REFUSED:
        store = f"{record.store.make} {record.store.version}".strip()
        fatal = [reason.means for reason in record.why]
        raise StoreRefused(
            store=store,
            why_vi="; ".join(text.vi for text in fatal),
            why_en="; ".join(text.en for text in fatal),
        )
