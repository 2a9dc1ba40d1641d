"""Acts that are appended together: one turn for all, each in its place. An error reaches only its
own caller.
"""

import json
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.acts.envelope import Act, Draft
from archive.base.clock import FixedClock
from archive.base.errors import SubmissionRejected
from archive.base.identifiers import ChartId, ObjectKey
from archive.base.leases import Lease, Leases
from archive.catalog.operations import PendingActRow
from archive.catalog.tables import ActRow, SealChainRow, StoredObjectRow
from archive.coordination.sequencer import Maker, Sequencer
from archive.vault.contract import OutcomeUnknown, Stored, Vault, VaultError
from archive.vault.folder import FolderVault
from tests.archive.conftest import CODE, NOON, SIGNER, Ground, act_zero, make_ground, new_chain
from tests.waiting import PATIENCE

Reported = Act | BaseException | None


class CountingLeases:
    """Leases that count how often one was held."""

    def __init__(self, inner: Leases) -> None:
        self._inner, self.held = inner, 0

    def hold(
        self, name: str, *, timeout: float = 60.0
    ) -> AbstractContextManager[Lease, bool | None]:
        """Hold the lease."""
        return self._counted(name, timeout)

    @contextmanager
    def _counted(self, name: str, timeout: float) -> Iterator[Lease]:
        with self._inner.hold(name, timeout=timeout) as lease:
            self.held += 1
            yield lease


class Flaky:
    """A store that fails the PUT of one act, and may have written it all the same; others pass."""

    def __init__(self, inner: Vault, index: int, error: BaseException, *, writes: bool) -> None:
        self._inner, self._prefix, self._error, self._writes = (
            inner,
            f"/acts/{index:012}-",
            error,
            writes,
        )

    def put(
        self, key: ObjectKey, data: bytes, *, retain_until: datetime, media_type: str
    ) -> Stored:
        """Put, or fail."""
        hit = self._prefix in key
        if hit and not self._writes:
            raise self._error
        stored = self._inner.put(key, data, retain_until=retain_until, media_type=media_type)
        if hit:
            raise self._error
        return stored

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


def together(sequencer: Sequencer, makers: Sequence[Maker]) -> list[Reported]:
    """Append what the makers make in one group: all wait while another act of this process has the
    turn.
    """
    outcomes: list[Reported] = [None] * len(makers)
    queued, going = threading.Semaphore(0), threading.Event()

    def first(_: Session) -> None:
        going.set()
        for _maker in makers:
            assert queued.acquire(timeout=PATIENCE)

    def append(number: int) -> None:
        try:
            outcomes[number] = sequencer.append(makers[number])
        except BaseException as error:  # noqa: BLE001 - it is what the test looks at
            outcomes[number] = error

    leader = threading.Thread(target=lambda: sequencer.append(first))
    leader.start()
    assert going.wait(10)
    threads = []
    # each is in the queue before the next: they are appended in this order
    for number in range(len(makers)):
        before = len(sequencer._queue)
        threads.append(threading.Thread(target=append, args=(number,)))
        threads[-1].start()
        while len(sequencer._queue) == before:
            threading.Event().wait(0.001)
        queued.release()
    for thread in (leader, *threads):
        thread.join(30)
    return outcomes


def stated(ground: Ground) -> list[str]:
    with ground.catalog.read() as session:
        return list(session.scalars(select(SealChainRow.pem).order_by(SealChainRow.act_index)))


def pending(ground: Ground) -> list[int]:
    with ground.catalog.read() as session:
        return list(session.scalars(select(PendingActRow.index).order_by(PendingActRow.index)))


def chain(ground: Ground, names: str) -> list[Maker]:
    return [new_chain(ground.clock, name) for name in names]


def refused(_: Session) -> None:
    raise SubmissionRejected([])


def indices(outcomes: Sequence[Reported]) -> list[int | str | None]:
    return [
        outcome.index if isinstance(outcome, Act) else type(outcome).__name__
        for outcome in outcomes
    ]


def test_a_group_takes_one_turn(ground: Ground) -> None:
    leases = CountingLeases(ground.leases)
    sequencer = Sequencer(ground.catalog, ground.vault, CODE, leases, ground.clock, lambda: SIGNER)
    sequencer.append(act_zero(ground.clock))
    before = leases.held
    outcomes = together(sequencer, chain(ground, "abcdef"))
    assert indices(outcomes) == [1, 2, 3, 4, 5, 6]
    assert leases.held == before + 2  # the act that they waited for, and theirs
    assert stated(ground) == ["chain 0", *"abcdef"]
    assert pending(ground) == []


def test_each_sees_what_those_before_it_will_have_done(ground: Ground) -> None:
    def count(session: Session) -> tuple[Draft, datetime] | None:
        so_far = session.scalar(select(func.count()).select_from(SealChainRow))
        acts = session.scalar(select(func.count()).select_from(ActRow))
        return new_chain(ground.clock, f"{so_far} chains, {acts} acts")(session)

    sequencer = ground.sequencer()
    sequencer.append(act_zero(ground.clock))
    together(sequencer, [count, count, count])
    assert stated(ground) == ["chain 0", "1 chains, 1 acts", "2 chains, 2 acts", "3 chains, 3 acts"]


def test_an_act_of_a_chart_is_drafted_once_the_charts_last_act_is_in_the_vault(
    ground: Ground,
) -> None:
    chart = ChartId("01a205ab-c8ec-76b8-b498-5c2d72a56be7")

    def of_chart(session: Session) -> tuple[Draft, datetime]:
        """Propose an act that says where the chart's acts stand, as a deposit does."""
        stand = session.scalars(
            select(StoredObjectRow.object_version).where(
                StoredObjectRow.chart_id == chart, StoredObjectRow.kind == "act"
            )
        ).all()
        draft, until = new_chain(ground.clock, json.dumps(list(stand)))(session) or pytest.fail(
            "nothing drafted"
        )
        return draft.model_copy(update={"chart": chart}), until

    sequencer = ground.sequencer()
    sequencer.append(act_zero(ground.clock))
    outcomes = together(
        sequencer, [of_chart, *chain(ground, "a"), of_chart, *chain(ground, "b"), of_chart]
    )
    assert sorted(indices(outcomes), key=str) == [1, 2, 3, 4, 5]
    known = [json.loads(pem) for pem in stated(ground) if pem.startswith("[")]
    assert [len(versions) for versions in known] == [0, 1, 2]
    assert all(version for versions in known for version in versions)


def test_an_error_of_one_caller_reaches_that_caller_and_leaves_no_gap(ground: Ground) -> None:
    sequencer = ground.sequencer()
    sequencer.append(act_zero(ground.clock))
    a, b, c = chain(ground, "abc")
    outcomes = together(sequencer, [a, refused, lambda _: None, b, refused, c])
    assert indices(outcomes) == [1, "SubmissionRejected", "NoneType", 2, "SubmissionRejected", 3]
    assert stated(ground) == ["chain 0", *"abc"]


def test_a_caller_gets_the_error_of_its_own_act(ground: Ground) -> None:
    sequencer = ground.sequencer()
    sequencer.append(act_zero(ground.clock))
    a, b = chain(ground, "ab")
    outcomes = together(sequencer, [a, act_zero(ground.clock), b])  # a facility begins once
    assert indices(outcomes) == [1, "IntegrityError", 2]
    assert stated(ground) == ["chain 0", "a", "b"]


def test_a_put_refused_for_certain_ends_the_group_there(ground: Ground) -> None:
    ground.sequencer().append(act_zero(ground.clock))
    vault: Vault = Flaky(ground.vault, 3, VaultError(why="test"), writes=False)  # type: ignore[assignment]
    outcomes = together(ground.sequencer(vault), chain(ground, "abcd"))
    assert indices(outcomes) == [1, 2, "VaultError", "VaultError"]
    assert stated(ground) == ["chain 0", "a", "b"]
    assert pending(ground) == []
    ground.sequencer().append(new_chain(ground.clock, "next"))
    assert stated(ground) == ["chain 0", "a", "b", "next"]


@pytest.mark.parametrize("writes", [False, True], ids=["lost", "reported lost but persisted"])
def test_after_an_unanswered_put_that_act_alone_is_finished_first(
    ground: Ground, writes: bool
) -> None:
    ground.sequencer().append(act_zero(ground.clock))
    vault: Vault = Flaky(ground.vault, 2, OutcomeUnknown(why="test"), writes=writes)  # type: ignore[assignment]
    outcomes = together(ground.sequencer(vault), chain(ground, "abcd"))
    assert indices(outcomes) == [1, "OutcomeUnknown", "OutcomeUnknown", "OutcomeUnknown"]
    assert stated(ground) == ["chain 0", "a"]
    assert pending(ground) == [2]
    ground.sequencer().append(new_chain(ground.clock, "next"))
    assert stated(ground) == ["chain 0", "a", "b", "next"]
    assert pending(ground) == []


@pytest.mark.parametrize("index", [1, 2, 4])
@pytest.mark.parametrize("writes", [False, True], ids=["before the put", "after the put"])
def test_a_caller_that_comes_after_a_kill_in_the_middle_finishes_the_whole_group(
    ground: Ground, index: int, writes: bool
) -> None:
    ground.sequencer().append(act_zero(ground.clock))
    killed = KeyboardInterrupt("killed")
    vault: Vault = Flaky(ground.vault, index, killed, writes=writes)  # type: ignore[assignment]
    with ground.leases.hold("sequencer/" + CODE) as lease, pytest.raises(KeyboardInterrupt):
        append_in_one_turn(ground, vault, lease, chain(ground, "abcd"))
    assert pending(ground) == [1, 2, 3, 4]
    ground.sequencer().append(new_chain(ground.clock, "next"))
    assert stated(ground) == ["chain 0", *"abcd", "next"]
    assert pending(ground) == []
    again = ground.another("again")
    assert again.sequencer().catch_up() == 6
    assert stated(again) == stated(ground)


def append_in_one_turn(ground: Ground, vault: Vault, lease: Lease, makers: Sequence[Maker]) -> None:
    """Append as a process does that is killed: nothing of it is left but what it wrote."""
    from archive.coordination.sequencer import _Waiting
    from archive.coordination.sequencer_session import SequencerSession

    sequencer = ground.sequencer()
    turn = SequencerSession(
        ground.catalog.under(lease), vault, CODE, ground.clock, ground.sequencer().signed
    )
    turn.append([sequencer._drafter(_Waiting(make, SIGNER)) for make in makers])


def test_an_interrupted_writer_leaves_the_others_acts_to_the_next(ground: Ground) -> None:
    sequencer = ground.sequencer()
    sequencer.append(act_zero(ground.clock))

    def interrupted(_: Session) -> None:
        raise KeyboardInterrupt  # reaches the thread that has the turn, not only its caller

    outcomes = together(sequencer, [*chain(ground, "ab"), interrupted, *chain(ground, "cd")])
    done = [outcome for outcome in outcomes if isinstance(outcome, Act)]
    assert len(done) >= 2
    assert stated(ground) == [
        "chain 0",
        *(act.facts["pem"] for act in sorted(done, key=lambda act: act.index)),
    ]
    assert not sequencer._queue


def test_many_threads_and_sequencers_leave_one_chain(ground: Ground) -> None:
    ground.sequencer().append(act_zero(ground.clock))
    sequencers = [ground.sequencer() for _ in range(2)]

    def work(sequencer: Sequencer, name: str) -> None:
        for number in range(5):
            sequencer.append(new_chain(ground.clock, f"{name}{number}"))

    threads = [
        threading.Thread(target=work, args=(sequencers[n % 2], "abcdefgh"[n])) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(stated(ground)[1:]) == sorted(
        f"{name}{n}" for name in "abcdefgh" for n in range(5)
    )
    with ground.catalog.read() as session:
        assert list(session.scalars(select(ActRow.index).order_by(ActRow.index))) == list(range(41))


class Listing:
    """A store that counts how often it is asked what it holds."""

    def __init__(self, inner: Vault) -> None:
        self._inner, self.asked = inner, 0

    def list(self, prefix: str) -> Iterator[Stored]:
        """List."""
        self.asked += 1
        return self._inner.list(prefix)

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


def test_the_vault_is_asked_for_unknown_acts_once_unless_the_catalogue_may_go_back(
    ground: Ground,
) -> None:
    listing = Listing(ground.vault)
    sequencer = ground.sequencer(listing)  # type: ignore[arg-type]
    for maker in (act_zero(ground.clock), *chain(ground, "abc")):
        sequencer.append(maker)
    assert listing.asked == (4 if ground.catalog.may_go_back else 1)
    assert ground.catalog.may_go_back == (ground.engine.name == "postgresql")


def test_after_a_failure_the_vault_is_asked_again(tmp_path: Path) -> None:
    ground = make_ground(
        tmp_path, FolderVault(tmp_path / "vault", FixedClock(NOON)), FixedClock(NOON)
    )
    listing = Listing(Flaky(ground.vault, 1, OutcomeUnknown(why="test"), writes=True))  # type: ignore[arg-type]
    sequencer = ground.sequencer(listing)  # type: ignore[arg-type]
    sequencer.append(act_zero(ground.clock))
    with pytest.raises(OutcomeUnknown):
        sequencer.append(new_chain(ground.clock, "a"))
    sequencer.append(new_chain(ground.clock, "b"))
    assert listing.asked > 1
    assert stated(ground) == ["chain 0", "a", "b"]
    ground.catalog.close()


def test_a_catalogue_that_was_put_back_under_a_running_process_makes_no_fork(
    tmp_path: Path,
) -> None:
    clock = FixedClock(NOON)
    vault = FolderVault(tmp_path / "vault", clock)
    running = make_ground(tmp_path, vault, clock)
    sequencer = running.sequencer()
    sequencer.append(act_zero(clock))
    file = tmp_path / "catalog.db"
    shutil.copy(file, tmp_path / "backup.db")
    (tmp_path / "backup.db").replace(
        file
    )  # with its process still running, which an operator should not do
    again = make_ground(tmp_path, vault, clock)
    again.sequencer().append(new_chain(clock, "by another"))
    sequencer.append(new_chain(clock, "by the one that still has the old file"))
    again.sequencer().append(new_chain(clock, "last"))
    assert stated(again) == [
        "chain 0",
        "by another",
        "by the one that still has the old file",
        "last",
    ]
    for ground in (running, again):
        ground.catalog.close()
