"""Depositing many charts: each has a result of its own, and a repeated call changes nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.access.actor import Actor, Permission
from archive.access.scope import Scope
from archive.base.errors import IntegrityError, KhoError, NotFound, NotReady
from archive.base.leases import LeaseHeld
from retention.deposit import Deposited, DepositService

# What is wrong with one chart only. Any other error would meet the next chart, too.
_OF_ITS_CHART = (NotFound, NotReady, IntegrityError, LeaseHeld)


@dataclass(frozen=True, slots=True)
class DepositResult:
    """What became of one chart: exactly one of `deposited` and `error`."""

    chart_id: str
    deposited: Deposited | None
    error: KhoError | None


def deposit_many(
    deposits: DepositService, chart_ids: Sequence[str], actor: Actor, scope: Scope
) -> Iterator[DepositResult]:
    """Deposit charts in their order, each once, and yield each result as soon as it is there.

    After an error of the archive (a store that is away) the charts that are left are not tried:
    their result is that error. Raises Denied.
    """
    actor.require(Permission.DEPOSIT)
    stopped: KhoError | None = None
    for chart_id in dict.fromkeys(chart_ids):
        if stopped is not None:
            yield DepositResult(chart_id, None, stopped)
            continue
        try:
            yield DepositResult(chart_id, deposits.deposit(chart_id, actor, scope), None)
        except KhoError as error:
            if not isinstance(error, _OF_ITS_CHART):
                stopped = error
            yield DepositResult(chart_id, None, error)
