"""Many processes on one archive: one chain of acts without gap or double, whichever process is
killed, whatever is restarted.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api.composition.engines import ON_POSTGRESQL
from api.home import Home
from api.upkeep.maintenance import checker
from archive.catalog.tables import ActRow, SealChainRow
from archive.ledger import merkle
from archive.ledger.checkpoint import VerifierKey, open_checkpoint
from archive.ledger.nodes import node_reader
from tests.archive.ledger.test_merkle import roots_of_consistency
from tests.fixtures.home import chart, json_lines, kho, paper
from tests.fixtures.postgres import PostgresServer, fresh_database, on_host, on_postgres
from tests.waiting import PATIENCE

WRITERS, ACTS = 8, 25
# what a writer may be reported meanwhile
EXPECTED = {"lease.held", "component.unavailable", "catalogue.transaction_lost"}


class Writer:
    """One process that writes, and what it has said so far."""

    def __init__(self, folder: Path, name: str) -> None:
        self.lines: list[dict[str, Any]] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.writer", str(folder), name, str(ACTS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._threads = [threading.Thread(target=self._listen), threading.Thread(target=self._hear)]
        self.said = ""
        for thread in self._threads:
            thread.start()

    @property
    def acknowledged(self) -> dict[str, int]:
        """Return the acts that it was reported are archived, with their index."""
        return {line["label"]: line["index"] for line in self.lines if "index" in line}

    def begin(self) -> None:
        """Let it write, once it is ready."""
        wait_until(lambda: bool(self.lines) or self.process.poll() is not None)
        assert self.lines, self.said
        assert self.process.stdin is not None
        self.process.stdin.close()

    def kill(self) -> None:
        """End it at once, in the middle of its work."""
        assert self.process.poll() is None
        self.process.kill()

    def wait(self) -> int:
        """Wait for its end; return its exit code."""
        code = self.process.wait(timeout=PATIENCE)
        for thread in self._threads:
            thread.join()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()
        return code

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith("\n"):
                self.lines.append(json.loads(line))

    def _hear(self) -> None:
        assert self.process.stderr is not None
        self.said = self.process.stderr.read()


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def shared_home(home_template: Path, tmp_path: Path, postgres_to_kill: PostgresServer) -> Path:
    """A home on a server of the test's own."""
    name = postgres_to_kill.fresh()
    return on_postgres(home_template, tmp_path / "home", postgres_to_kill.url(name))


def hosts(home: Path, count: int) -> Iterator[Path]:
    """Yield homes as of so many hosts over one vault and one catalogue."""
    for number in range(count):
        yield on_host(home, home.parent / f"host-{number}")


def assert_one_chain(folder: Path, writers: list[Writer]) -> None:
    """No gap, no double, nothing acknowledged is lost, and every checkpoint extends the earlier
    ones.
    """
    with Home.open(folder) as home:
        home.sequencer.catch_up()
        home.follow_ups.outbox.drain("ledger", patience=10)
        with home.catalog.read() as session:
            indexes = list(session.scalars(select(ActRow.index).order_by(ActRow.index)))
            labels = {row.pem: row.act_index for row in session.scalars(select(SealChainRow))}
            heads = sorted(checkpoints(home), key=lambda head: head.size)
            read = node_reader(session, home.code)
            for older, newer in pairwise(heads):
                assert older.size < newer.size  # one tree of a size: never two heads
                proof = merkle.consistency_proof(older.size, newer.size, read)
                assert roots_of_consistency(older.size, newer.size, proof, older.root) == (
                    older.root,
                    newer.root,
                )
        assert indexes == list(range(len(indexes)))
        # each label once; act 0 brings the demonstration's own chain
        assert len(labels) == len(indexes)
        for writer in writers:
            for label, index in writer.acknowledged.items():
                assert labels[label] == index
        assert heads[-1].size == len(indexes)
        names = [stored.key.rpartition("/")[2] for stored in home.vault.list(f"{home.code}/acts/")]
        assert [int(name.split("-")[0]) for name in names] == indexes
        report = checker(home).check(read_data=True)
        assert report.ok, [fault.as_json() for fault in report.faults]


def checkpoints(home: Home) -> list[Any]:
    key = VerifierKey.parse(home.open_for_reading().facility.ledger_key)
    listed = home.vault.list(f"{home.code}/ledger/checkpoint/")
    return [open_checkpoint(home.vault.read(stored.key, stored.version), key) for stored in listed]


def assert_rebuilds_to_the_same(folder: Path) -> None:
    before = kho(folder, "dump", check=True).stdout
    kho(folder, "rebuild", check=True)
    assert kho(folder, "dump", check=True).stdout == before
    embedded = Path(shutil.copytree(folder, folder.parent / "embedded"))
    settings = (embedded / "kho.toml").read_text()
    (embedded / "kho.toml").write_text(settings[: settings.index("[catalog]")])
    (embedded / ON_POSTGRESQL).unlink()
    assert kho(embedded, "dump", check=True).stdout == before


@pytest.mark.torture
def test_eight_processes_write_one_chain_through_kills_and_outages(
    shared_home: Path, postgres_to_kill: PostgresServer
) -> None:
    database = Home.open(shared_home).settings.catalog.url.partition("@/")[2].partition("?")[0]
    writers = [
        Writer(folder, f"w{number}") for number, folder in enumerate(hosts(shared_home, WRITERS))
    ]

    def restart() -> None:
        postgres_to_kill.stop(signal.SIGQUIT)
        postgres_to_kill.start()

    def end_sessions() -> None:
        postgres_to_kill.end_sessions(database)

    events = [
        writers[0].kill, end_sessions, restart, writers[1].kill, end_sessions, writers[2].kill,
        restart, end_sessions
    ]  # fmt: skip
    try:
        for writer in writers:
            writer.begin()
        for number, event in enumerate(events, start=1):
            wait_until(lambda: sum(len(writer.acknowledged) for writer in writers) >= number * 12)  # noqa: B023
            event()
        codes = [writer.wait() for writer in writers]
    finally:
        for writer in writers:
            writer.process.kill()
            writer.wait()
    assert codes == [-signal.SIGKILL] * 3 + [0] * (WRITERS - 3), [
        writer.said[-2000:] for writer in writers
    ]
    assert {
        line["error"] for writer in writers for line in writer.lines if "error" in line
    } <= EXPECTED
    assert_one_chain(shared_home, writers)
    assert_rebuilds_to_the_same(shared_home)


def test_three_commands_take_in_the_same_charts_and_others_at_once(
    home_template: Path, tmp_path: Path, postgres: PostgresServer
) -> None:
    with fresh_database(postgres) as url:
        home = on_postgres(home_template, tmp_path / "home", url)
        commands = []
        for number, folder in enumerate(hosts(home, 3)):
            sources = tmp_path / f"sources-{number}"
            sources.mkdir()
            # three that all of them bring, and two of its own
            for each in (1, 2, 3, 10 + number, 20 + number):
                (sources / f"{each:03}.json").write_text(
                    json.dumps(chart(each, papers=[paper("1")]))
                )
            command = [
                sys.executable,
                "-P",
                "-c",
                "from api.cli.main import main; main()",
                "ingest",
                "--json",
            ]
            commands.append(
                subprocess.Popen(
                    [*command, str(sources)],
                    env={**os.environ, "KHO_HOME": str(folder)},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
        answers = [command.communicate(timeout=PATIENCE) for command in commands]
        assert [command.returncode for command in commands] == [0, 0, 0], [
            said[-2000:] for _, said in answers
        ]
        receipts = [json_lines(out) for out, _ in answers]
        assert [len(lines) for lines in receipts] == [5, 5, 5]
        shared = [
            {line["document_id"] for line in lines if Path(line["source"]).name == f"{n:03}.json"}
            for n in (1, 2, 3)
            for lines in receipts
        ]
        assert len({document for documents in shared for document in documents}) == 3
        assert len({line["document_id"] for lines in receipts for line in lines}) == 9
        assert sorted({line["ledger_index"] for lines in receipts for line in lines}) == list(
            range(1, 10)
        )
        with Home.open(home) as opened:
            opened.follow_ups.run()
            report = checker(opened).check(read_data=True)
            assert report.ok, [fault.as_json() for fault in report.faults]
        assert_rebuilds_to_the_same(home)
