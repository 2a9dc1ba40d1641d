"""The follower: a thread of the server that drains the outbox as soon as an act is in, renews
locks, and forgets.

A second thread reads what documents say, for the search.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Self

import structlog

from api.access.accounts import Accounts
from api.access.kept_answers import KeptAnswers
from api.access.sessions import Sessions
from api.composition.follow_ups import TEXT_PORTION, FollowUps
from api.composition.ground import Ground
from api.inspection.sets import InspectionSets
from api.refusals.kept import Refusals
from api.writing.envelopes import forget_old
from archive.base.errors import KhoError
from archive.files.encrypted_cache import forget_expired
from search.errors import IndexBusy

EVERY = 1.0  # seconds between looks: other processes write, too, and cannot wake us
RENEW_EVERY = 3600.0
FORGET_EVERY = 3600.0
ASK_EVERY = 3600.0
WATCH_EVERY = 86400.0

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Chore:
    """A task that is repeated every `every` seconds, or `after_failure` seconds after it failed; it
    delays no other.
    """

    name: str
    do: Callable[[], object]
    every: float
    after_failure: float
    due_at: float = 0.0

    def run(self) -> None:
        """Do it where it is due. Failures are logged."""
        if time.monotonic() < self.due_at:
            return
        pause = self.after_failure
        try:
            self.do()
            pause = self.every
        except KhoError as error:
            _log.warning(
                "follower.failed", chore=self.name, code=error.code, why=error.explain("en")
            )
        except Exception as error:  # noqa: BLE001 - whatever it was: without this thread nothing would be indexed
            _log.error("follower.failed", chore=self.name, error=type(error).__name__)
        self.due_at = time.monotonic() + pause


class BackgroundWorker:
    """Does what the outbox holds, in the background; use it in a `with`.

    Failures are logged and tried again.
    """

    def __init__(self, ground: Ground, follow_ups: FollowUps) -> None:
        """`follow_ups`: those of the archive of `ground`, which also forgets and asks its
        witnesses.
        """
        self._outbox = follow_ups.outbox
        self._stopped = threading.Event()
        # A lock that cannot be settled needs a person, so it waits long. While the other topics
        # wait, search is behind.
        self._chores = (
            _Chore("locks", partial(self._drain, "locks"), 0, after_failure=600),
            _Chore("removal", partial(self._drain, "removal"), 0, after_failure=3600),
            _Chore("ledger", partial(self._drain, "ledger"), 0, after_failure=10),
            _Chore("index", partial(self._drain, "index"), 0, after_failure=10),
            _Chore("witness", partial(self._drain, "witness"), 0, after_failure=60),
            _Chore(
                "ask witnesses", partial(_ask_witnesses, ground), ASK_EVERY, after_failure=ASK_EVERY
            ),
            _Chore(
                "renew", lambda: follow_ups.locks.renew(), RENEW_EVERY, after_failure=RENEW_EVERY
            ),
            _Chore("certificates", partial(_watch, ground), WATCH_EVERY, after_failure=RENEW_EVERY),
            _Chore("forget", partial(_forget, ground), FORGET_EVERY, after_failure=FORGET_EVERY),
        )
        # Reading the texts of documents may take long, so it delays no other task.
        texts = _Chore("text", self._read_texts, 0, after_failure=60)
        self._lanes = tuple(
            (threading.Thread(target=self._run, args=lane, name=name, daemon=True), lane[0])
            for name, lane in (
                ("kho-follower", (threading.Event(), self._chores)),
                ("kho-reader", (threading.Event(), (texts,))),
            )
        )

    def wake(self) -> None:
        """Look into the outbox now."""
        for _, due in self._lanes:
            due.set()

    def __enter__(self) -> Self:
        for thread, _ in self._lanes:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._stopped.set()
        self.wake()
        for thread, _ in self._lanes:
            thread.join(timeout=30)  # what it leaves undone stays in the outbox

    def _run(self, due: threading.Event, chores: tuple[_Chore, ...]) -> None:
        while not self._stopped.is_set():
            for chore in chores:
                chore.run()
            due.wait(EVERY)
            due.clear()

    def _drain(self, topic: str) -> None:
        if self._outbox.pending(topic):
            # the process with the index's writer drains this outbox
            with contextlib.suppress(IndexBusy):
                self._outbox.drain(topic)

    def _read_texts(self) -> None:
        """Read what documents say, a few charts at a time: a stop waits for these only."""
        while not self._stopped.is_set() and self._outbox.pending("text"):
            with contextlib.suppress(IndexBusy):
                if self._outbox.drain("text", within=1.0, portion=TEXT_PORTION):
                    return
            self._stopped.wait(0.2)


def _ask_witnesses(ground: Ground) -> None:
    if ground.settings.witnesses:
        ground.witnesses.confirm()


def _watch(ground: Ground) -> None:
    """Log the certificates that end soon, and those that have ended: once a day each."""
    from api.composition.certificates import watched_certificates

    urgent = min(ground.settings.seal.notice_days, default=0)
    for state in watched_certificates(ground):
        if state.within is not None:
            tell = _log.error if state.days_left <= urgent else _log.warning
            event = "certificate.ended" if state.has_ended else "certificate.ends_soon"
            tell(event, **state.as_json())


def _forget(ground: Ground) -> None:
    """Remove the operational rows and the kept pictures whose time is over."""
    KeptAnswers(ground.catalog, ground.clock).purge()
    Sessions.of_home(ground).purge()
    Accounts(ground.catalog, ground.code, ground.clock).purge()
    Refusals.of_home(ground).purge()
    InspectionSets.of_home(ground).purge()
    forget_old(ground.catalog, ground.clock)
    forget_expired(ground.pictures)
