"""A removal: what it names leaves the archive, all else stays provable, and no other gap is
accepted.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from api.home import Home
from api.upkeep import maintenance
from api.upkeep.maintenance import checker, repairer
from archive.acts.act_log_reader import ActsMissing
from archive.acts.envelope import Act, ActActor, Draft, act_key, parse_act
from archive.acts.removal import SCHEMA, Removal
from archive.acts.removed_mark import RemovedMark, is_mark, mark_key
from archive.acts.signature import signed
from archive.base.clock import FixedClock, SystemClock
from archive.base.errors import IntegrityError, NotFound, NotReady
from archive.base.identifiers import ObjectKey, sha256
from archive.catalog import projection, records
from archive.catalog.tables import ActRow, ChartRow, NumberRow, RemovedChartRow
from archive.files.encrypted_cache import EncryptedCache
from archive.vault.contract import StillLocked
from archive.vault.policy import rolling_until
from search.query import parse
from tests.fixtures.home import CLERK, chart, paper, take
from tests.fixtures.postgres import PostgresServer, on_postgres
from tests.retention.years_later import settings_of

SIGKILLED = -9
OLD = {"admitted_at": "2010-01-10T08:00:00+07:00", "discharged_at": "2010-01-20T09:00:00+07:00"}
STEPS = (
    "act.pending",
    "act.put",
    "act.applied",
    "removal.applied",
    "removal.published",
    "removal.marked",
    "removal.marked@2",
    "removal.object_deleted",
    "removal.object_deleted@2",
    "removal.act_deleted",
    "removal.act_deleted@2",
)


@dataclass(frozen=True)
class Ground:
    """A closed home: one chart whose term is over (acts 1, 3 and 4), one that stays (act 2), and a
    later time.
    """

    folder: Path
    clock: FixedClock
    old: str
    stays: str

    def open(self, folder: Path | None = None) -> Home:
        """Open it, or a copy of it, at the later time."""
        return Home(settings_of(folder or self.folder, self.clock), self.clock)


@pytest.fixture
def ground(fresh_home: Callable[[], Home]) -> Ground:
    home = fresh_home()
    old = {**chart(1)["chart"], **OLD}
    stays = take(home, chart(1, chart=old), chart(2))[1].receipts[0].chart_id
    (second,) = take(home, chart(1, chart=old, papers=[paper("1", "Viêm phổi nặng"), paper("2")]))
    old_id = second.receipts[0].chart_id
    home.open_for_writing().deposits.deposit(old_id, CLERK, home.scope)
    home.follow_ups.run()
    home.close()
    return Ground(home.folder, FixedClock(SystemClock().now() + timedelta(days=100)), old_id, stays)


def remove(home: Home, chart_id: str) -> Act:
    act = home.follow_ups.removals.append([chart_id], CLERK)
    home.follow_ups.run()
    return act


def dump(home: Home) -> list[bytes]:
    with home.catalog.read() as session:
        return list(projection.lines(session))


def codes(home: Home) -> set[str]:
    return {fault.kind.code for fault in checker(home).check(read_data=True).faults}


def rebuild(ground: Ground, vault: Path, folder: Path) -> Home:
    """Rebuild an archive from a copy of `vault` alone, in `folder`, with the keys of the home;
    close it.
    """
    folder.mkdir()
    shutil.copytree(vault, folder / "vault")
    shutil.copytree(ground.folder / "keys", folder / "keys")
    shutil.copy(ground.folder / "kho.toml", folder / "kho.toml")
    (folder / "testpki").symlink_to(ground.folder / "testpki")
    home = ground.open(folder)
    try:
        maintenance.rebuild(home)
    except BaseException:
        home.close()
        raise
    return home


def test_what_is_removed_is_gone_and_what_stays_is_whole(ground: Ground, tmp_path: Path) -> None:
    with ground.open() as home:
        act = remove(home, ground.old)
        assert not home.follow_ups.outbox.pending()
        names = [stored.key for stored in home.vault.list(f"{home.code}/")]
        acts = [
            int(name.split("/")[2][:12])
            for name in names
            if "/acts/" in name and name.endswith(".json")
        ]
        marks = [int(name.split("/")[2][:12]) for name in names if is_mark(name)]
        assert (acts, marks) == ([0, 2, act.index], [1, 3, 4])
        assert sum("/documents/" in name for name in names) == 1
        with pytest.raises(NotFound), home.catalog.read() as session:
            records.chart(session, ground.old, home.scope)
        assert home.follow_ups.indexing.index.search(parse("BN000001"), home.scope).total == 0
        assert home.follow_ups.indexing.index.search(parse("BN000002"), home.scope).total == 1
        with home.catalog.read() as session:
            stub = session.get_one(RemovedChartRow, ground.old)
            assert stub.archive_number.endswith("-000001")
            number = session.query(NumberRow).one().last
        assert number == 1  # it is never issued again
        assert codes(home) == set()
        lived = dump(home)
        # Two thirds of the removed chart were patient data: nothing of it is left in the catalogue.
        assert b"Vi\xc3\xaam ph\xe1\xbb\x95i n\xe1\xba\xb7ng" not in b"".join(lived)
        maintenance.rebuild(home)
        assert dump(home) == lived
        assert codes(home) <= {"outbox.waiting"}
    with rebuild(ground, ground.folder / "vault", tmp_path / "again") as again:
        assert dump(again) == lived
        assert codes(again) <= {"outbox.waiting", "ledger.unpublished"}
        again.follow_ups.run()
        assert codes(again) == set()
        again.open_for_writing().deposits.deposit(ground.stays, CLERK, again.scope)
        again.follow_ups.run()
        assert codes(again) == set()


def test_pictures_of_the_pages_of_a_removed_chart_go_with_it(ground: Ground) -> None:
    with ground.open() as home:
        cache = EncryptedCache(home.pictures, home.closing)
        for chart_id in (ground.old, ground.stays):
            cache.get(chart_id, "1", lambda: b"picture")
        remove(home, ground.old)
        assert {path.parent.name for path in home.pictures.glob("*/*/*")} == {ground.stays}


def test_the_rest_of_the_archive_goes_on_proving_itself(ground: Ground, tmp_path: Path) -> None:
    with ground.open() as home:
        with home.catalog.read() as session:
            document = session.get_one(ChartRow, ground.stays).documents[0]
        remove(home, ground.old)
        assert home.signed.document(document)[0].id == document.id
        assert len(list(home.signed.digests(0, 6))) == 6
        deposited = home.open_for_writing().deposits.deposit(ground.stays, CLERK, home.scope)
        assert deposited.archive_number.endswith("-000001")  # of a later year
        home.follow_ups.run()
        assert codes(home) == set()


@pytest.mark.parametrize("point", STEPS)
def test_a_kill_at_any_step_is_continued_here_and_by_a_rebuild(
    ground: Ground, tmp_path: Path, point: str
) -> None:
    moment = ground.clock.now().isoformat()
    command = [
        sys.executable,
        "-m",
        "tests.retention.remover",
        str(ground.folder),
        moment,
        ground.old,
    ]
    killed = subprocess.run(
        command, env={**os.environ, "KHO_CRASH_AT": point}, check=False, timeout=120
    )
    assert killed.returncode == SIGKILLED
    shutil.copytree(ground.folder / "vault", tmp_path / "left")
    with ground.open() as home:
        home.sequencer.catch_up()
        home.follow_ups.run()
        assert codes(home) == set()
        finished = dump(home)
        with home.catalog.read() as session:
            assert session.get(ChartRow, ground.old) is None
    if point == "act.pending":
        return  # the vault holds nothing of it
    with rebuild(ground, tmp_path / "left", tmp_path / "again") as again:
        assert dump(again) == finished
        again.follow_ups.run()
        assert codes(again) == set()
        assert {s.key for s in again.vault.list(f"{again.code}/acts/")} == {
            s.key.replace(str(ground.folder), "")
            for s in ground.open().vault.list(f"{again.code}/acts/")
        }


def test_a_catalogue_of_before_catches_up_over_the_gap(ground: Ground, tmp_path: Path) -> None:
    before = shutil.copytree(
        ground.folder, tmp_path / "before", symlinks=True, ignore=shutil.ignore_patterns("vault")
    )
    with ground.open() as home:
        remove(home, ground.old)
        finished = dump(home)
    shutil.copytree(ground.folder / "vault", before / "vault")
    with ground.open(Path(before)) as behind:
        assert codes(behind) == {"catalogue.behind"}
        behind.sequencer.catch_up()
        assert dump(behind) == finished
        behind.follow_ups.run()
        assert codes(behind) == set()


def test_a_lock_that_has_not_ended_keeps_its_object(ground: Ground) -> None:
    early = Ground(ground.folder, FixedClock(SystemClock().now()), ground.old, ground.stays)
    with early.open() as home:
        act = home.follow_ups.removals.append([ground.old], CLERK)
        home.follow_ups.run()  # what was acknowledged is not refused for it
        with pytest.raises(StillLocked):
            home.follow_ups.removals.carry_out(act_key(act))
        assert home.follow_ups.outbox.pending("removal")
        assert "removal.unfinished" in codes(home)
    with ground.open() as home:
        list(repairer(home).run())
        assert codes(home) == set()


def test_a_chart_that_is_open_or_whose_term_runs_is_not_removed(ground: Ground) -> None:
    with ground.open() as home:
        for chart_id in (ground.stays, ground.old.replace("0", "1")):
            with pytest.raises((NotReady, NotFound)):
                home.follow_ups.removals.append([chart_id], CLERK)
        home.open_for_writing().deposits.deposit(ground.stays, CLERK, home.scope)
        with pytest.raises(NotReady):
            home.follow_ups.removals.append([ground.stays], CLERK)
        with pytest.raises(NotReady):
            home.follow_ups.removals.append([ground.old, ground.stays], CLERK)


def facts_of(home: Home, chart_id: str) -> dict[str, object]:
    """Return the facts that a lawful removal of the chart would state."""
    with home.catalog.read() as session:
        draft, _ = home.follow_ups.removals._draft(session, [chart_id], CLERK)
    return draft.facts


WRONG: dict[str, Callable[[list[dict[str, object]]], object]] = {
    "another digest": lambda acts: acts[0].update(digest="0" * 64),
    "an act of another chart": lambda acts: acts[0].update(index=2),
    "an act too few": lambda acts: acts.pop(),
    "an act that is not there": lambda acts: acts.append({"index": 99, "digest": "0" * 64}),
    "an act twice": lambda acts: acts.append(acts[0]),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_removal_that_names_a_wrong_act_never_reaches_the_vault(
    ground: Ground, wrong: str
) -> None:
    with ground.open() as home:
        facts = json.loads(json.dumps(facts_of(home, ground.old)))
        WRONG[wrong](facts["charts"][0]["acts"])
        draft = Draft(
            schema_name=SCHEMA, actor=ActActor(name="Thử", role="clerk"), chart=None, facts=facts
        )
        held = {stored.key for stored in home.vault.list(f"{home.code}/acts/")}
        with pytest.raises(IntegrityError):
            home.sequencer.append(lambda _: (draft, rolling_until(home.clock.now())))
        assert {stored.key for stored in home.vault.list(f"{home.code}/acts/")} == held


def files(vault: Path, pattern: str) -> list[Path]:
    return sorted(vault.glob(f"99001/acts/{pattern}"))


def drop(file: Path) -> None:
    file.with_name(f"{file.name}.lock").unlink()
    file.unlink()


def write(vault: Path, key: ObjectKey, data: bytes, like: Path) -> None:
    """Write an object behind Kho's back, with the lock of another."""
    file = vault / key
    file.write_bytes(data)
    shutil.copy(like.with_name(f"{like.name}.lock"), file.with_name(f"{file.name}.lock"))


@pytest.mark.parametrize(
    "fault", ["no mark", "no removal", "a mark of another act", "a mark without removal"]
)
def test_no_other_gap_is_accepted(ground: Ground, tmp_path: Path, fault: str) -> None:
    with ground.open() as home:
        act = remove(home, ground.old)
    vault = Path(shutil.copytree(ground.folder / "vault", tmp_path / "vault"))
    mark = files(vault, "000000000003-*.removed")[0]
    if fault == "no mark":
        drop(mark)
    elif fault == "no removal":
        drop(files(vault, f"{act.index:012}-*.json")[0])
    elif fault == "a mark of another act":
        drop(mark)
        other = RemovedMark(index=3, digest="0" * 64, removal=act.index)
        write(
            vault, mark_key(home.code, 3, "0" * 64), other.to_bytes(), files(vault, "*.removed")[0]
        )
    else:  # an act that no removal lists is taken away, and a mark is put in its place
        (stays,) = files(vault, "000000000002-*.json")
        digest = stays.stem.partition("-")[2]
        drop(stays)
        removed_mark = RemovedMark(index=2, digest=digest, removal=act.index)
        write(vault, mark_key(home.code, 2, digest), removed_mark.to_bytes(), mark)
    with pytest.raises(ActsMissing):
        rebuild(ground, vault, tmp_path / "again")
    shutil.rmtree(ground.folder / "vault")
    shutil.copytree(vault, ground.folder / "vault")
    with ground.open() as home:
        assert "acts.missing" in codes(home)


@pytest.mark.parametrize("signer", ["another key", "the ledger's key"])
def test_a_removal_that_was_forged_opens_no_gap(
    ground: Ground, tmp_path: Path, signer: str
) -> None:
    """Another key signs nothing.

    The ledger's own key, in a thief's hand, must still match the checkpoints.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from archive.ledger.checkpoint import CheckpointSigner

    with ground.open() as home:
        remove(home, ground.old)
        (row,) = [row for row in _rows(home) if row.schema == SCHEMA]
        act = parse_act(
            home.vault.read(ObjectKey(row.object_key), row.object_version),
            ObjectKey(row.object_key),
        )
        own = home.ledger_signer()
        key = (
            own
            if signer == "the ledger's key"
            else CheckpointSigner(own.verifier.name, Ed25519PrivateKey.generate())
        )
        facts = json.loads(json.dumps(act.facts))
        facts["charts"][0]["acts"][1]["digest"] = "1" * 64  # act 3: act 4 behind it is gone, too
        forged = signed({**act.model_dump(by_alias=True), "facts": facts}, key)
    vault = Path(shutil.copytree(ground.folder / "vault", tmp_path / "vault"))
    (old,) = files(vault, f"{act.index:012}-*.json")
    (mark,) = files(vault, "000000000003-*.removed")
    write(vault, act_key(forged), forged.to_bytes(), old)
    removed_mark = RemovedMark(index=3, digest="1" * 64, removal=act.index)
    write(vault, mark_key(home.code, 3, "1" * 64), removed_mark.to_bytes(), mark)
    drop(old)
    drop(mark)
    with pytest.raises(IntegrityError):
        rebuild(ground, vault, tmp_path / "again")


def _rows(home: Home) -> list[ActRow]:
    with home.catalog.read() as session:
        return list(session.query(ActRow))


def test_an_act_that_comes_back_is_reported_and_removed_again(
    ground: Ground, tmp_path: Path
) -> None:
    kept = Path(shutil.copytree(ground.folder / "vault", tmp_path / "kept"))
    with ground.open() as home:
        remove(home, ground.old)
        (back,) = files(kept, "000000000004-*.json")
        for file in (back, back.with_name(f"{back.name}.lock")):
            shutil.copy(file, ground.folder / "vault" / file.relative_to(kept))
        assert "removal.unfinished" in codes(home)
        list(repairer(home).run())
        assert codes(home) == set()


def test_the_facts_hold_ids_only(ground: Ground) -> None:
    with ground.open() as home:
        act = remove(home, ground.old)
        said = json.dumps(act.facts, ensure_ascii=False)
        assert "BN000001" not in said
        assert "LK000001" not in said
        assert Removal.model_validate(act.facts).charts[0].chart == ground.old
        assert sha256(act.to_bytes()) == act.digest()


def test_a_removal_on_postgresql_is_the_same(
    ground: Ground, postgres: PostgresServer, tmp_path: Path
) -> None:
    url = postgres.url(postgres.fresh())
    folder = on_postgres(ground.folder, tmp_path / "server", url)
    with ground.open(folder) as server:
        server.catch_up()
        remove(server, ground.old)
        finished = dump(server)
        assert codes(server) == set()
    again = rebuild(ground, folder / "vault", tmp_path / "rebuilt")
    with again:
        assert dump(again) == finished
