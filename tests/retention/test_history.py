"""A checkpoint that was kept elsewhere shows what no signature shows: the owner of the key replaced
the history.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.composition.ledger_key import LEDGER_KEY
from api.home import Home
from api.upkeep.kept_checkpoint import kept_checkpoint
from api.upkeep.maintenance import checker, rebuild
from archive.acts.envelope import Act, act_key, parse_act
from archive.acts.signature import signed
from archive.base.errors import Misconfigured, Unavailable, Unreadable
from archive.base.identifiers import ObjectKey
from archive.catalog.tables import FacilityRow
from archive.ledger.checkpoint import CheckpointSigner, parse_checkpoint
from archive.vault.policy import rolling_until
from tests.fixtures.home import CLERK, chart, kho, take
from tests.fixtures.http_place import serving

Homes = Callable[[], Home]


def newest_checkpoint(home: Home) -> bytes:
    """Return the newest checkpoint in the vault."""
    prefix = f"{home.code}/ledger/checkpoint/"
    notes = [home.vault.read(stored.key, stored.version) for stored in home.vault.list(prefix)]
    return max(notes, key=lambda note: parse_checkpoint(note).size)


@pytest.fixture
def kept(home: Home, tmp_path: Path) -> Path:
    """The home's newest checkpoint, kept in a file elsewhere."""
    file = tmp_path / "kept.txt"
    file.write_bytes(newest_checkpoint(home))
    return file


def errors(home: Home, *kept: Path) -> set[str]:
    """Return the codes of what a check finds, notices left out."""
    report = checker(home).check(kept=[kept_checkpoint(str(file)) for file in kept])
    return {fault.kind.code for fault in report.faults if fault.kind.severity == "error"}


def test_the_history_continues_its_own_checkpoint_also_when_it_has_grown(
    home: Home, kept: Path
) -> None:
    assert errors(home, kept) == set()
    take(home, chart(3))
    assert errors(home, kept) == set()
    assert checker(home).check(kept=[kept_checkpoint(str(kept))]).checked["kept_checkpoints"] == 1


def test_a_vault_and_a_database_that_were_set_back_together_are_found(
    home: Home, tmp_path: Path
) -> None:
    home.close()
    for name in ("vault", "catalog.db"):
        source, backup = home.folder / name, tmp_path / f"backup-{name}"
        shutil.copytree(source, backup) if source.is_dir() else shutil.copy(source, backup)
    with Home.open(home.folder) as grown:
        take(grown, chart(3), chart(4))
        kept = tmp_path / "kept.txt"
        kept.write_bytes(newest_checkpoint(grown))
    for file in home.folder.glob("catalog.db*"):
        file.unlink()
    shutil.copy(tmp_path / "backup-catalog.db", home.folder / "catalog.db")
    shutil.rmtree(home.folder / "vault")
    shutil.copytree(tmp_path / "backup-vault", home.folder / "vault")
    with Home.open(home.folder) as rolled:
        assert errors(rolled) == set()
        assert errors(rolled, kept) == {"history.shorter"}
        take(rolled, chart(5), chart(6), chart(7))  # another history grows past the kept size
        assert errors(rolled) == set()
        assert errors(rolled, kept) == {"history.replaced"}


def remove_newest_acts(home: Home, first: int) -> None:
    """Remove each act from `first` on and every checkpoint that counts one, as the owner of the
    vault can.
    """
    home.close()
    folder = home.folder / "vault" / home.code
    for file in (*folder.glob("acts/*"), *folder.glob("ledger/checkpoint/*")):
        number = int(file.name.partition("-")[0])
        if number >= first + ("checkpoint" in str(file)):
            file.unlink()
    for file in home.folder.glob("catalog.db*"):
        file.unlink()


def test_newest_acts_that_were_removed_with_their_checkpoints_are_found(
    home: Home, kept: Path
) -> None:
    remove_newest_acts(home, 3)
    with Home.open(home.folder) as shorter:
        rebuild(shorter)
        assert errors(shorter) == set()
        assert errors(shorter, kept) == {"history.shorter"}


def resign(home: Home, change: Callable[[Act], dict[str, object]]) -> None:
    """Write every act of the vault again with the home's own key, changed as its owner likes; drop
    the old history.
    """
    with home.catalog.read() as session:
        origin = session.query(FacilityRow).one().ledger_origin
    signer = CheckpointSigner(origin, home.ledger_signer()._private)
    acts = [
        parse_act(home.vault.read(stored.key, stored.version), stored.key)
        for stored in home.vault.list(f"{home.code}/acts/")
    ]
    home.close()
    shutil.rmtree(home.folder / "vault" / home.code / "acts")
    shutil.rmtree(home.folder / "vault" / home.code / "ledger")
    for file in home.folder.glob("catalog.db*"):
        file.unlink()
    previous = None
    with Home.open(home.folder) as again:
        for act in acts:
            members = (
                act.model_dump(mode="json", by_alias=True) | change(act) | {"previous": previous}
            )
            resigned = signed(
                {name: value for name, value in members.items() if name != "signature"}, signer
            )
            until = rolling_until(again.clock.now())
            again.vault.put(
                act_key(resigned),
                resigned.to_bytes(),
                retain_until=until,
                media_type="application/json",
            )
            previous = resigned.digest()


def test_a_history_that_was_signed_again_with_the_homes_own_key_is_found(
    home: Home, kept: Path
) -> None:
    resign(
        home,
        lambda act: {"actor": {"name": "Người Khác", "role": "clerk"}} if act.index == 2 else {},
    )
    with Home.open(home.folder) as other:
        rebuild(other)
        other.follow_ups.run()
        assert errors(other) == set()
        assert errors(other, kept) == {"history.replaced"}


def test_a_checkpoint_of_another_archive_is_found(
    home: Home, kept: Path, fresh_home: Homes
) -> None:
    other = fresh_home()
    key = other.folder / LEDGER_KEY
    shutil.rmtree(other.folder / "vault")
    other.close()
    for file in (*other.folder.glob("catalog.db*"), key):
        file.unlink()
    from api.upkeep.setup import init_demo

    with init_demo(other.folder, CLERK) as elsewhere:
        assert errors(elsewhere, kept) == {"history.other_ledger"}


def test_what_is_no_checkpoint_is_unreadable_and_not_silently_passed(
    home: Home, tmp_path: Path
) -> None:
    for data in (b"", b"x" * 70_000, b"kho\n1\nAAAA\n\n"):
        (tmp_path / "file").write_bytes(data)
        with pytest.raises(Unreadable):
            errors(home, tmp_path / "file")
    with pytest.raises(Misconfigured):
        errors(home, tmp_path / "missing")
    with pytest.raises(Misconfigured):
        errors(home, tmp_path)


def test_the_command_takes_files_and_addresses_and_answers_8(home: Home, kept: Path) -> None:
    with serving(lambda _method, _path, _body: (200, kept.read_bytes())) as url:
        assert (
            kho(
                home.folder, "check", "--checkpoint", kept, "--checkpoint", f"{url}/checkpoint"
            ).returncode
            == 0
        )
    with serving(lambda _method, _path, _body: (404, b"")) as url, pytest.raises(Unavailable):
        kept_checkpoint(url)
    remove_newest_acts(home, 3)
    kho(home.folder, "rebuild", check=True)
    done = kho(home.folder, "check", "--checkpoint", kept, "--lang", "en")
    assert done.returncode == 8
    assert "history.shorter" in done.stdout


# --- the key that signs
# ----------------------------------------------------------------------------------------------


def test_a_missing_key_is_a_fault(home: Home) -> None:
    (home.folder / LEDGER_KEY).unlink()
    assert errors(home) == {"ledger.key_missing"}


def test_anothers_key_is_a_fault(home: Home, fresh_home: Homes) -> None:
    from api.composition.ledger_key import ledger_key

    (home.folder / LEDGER_KEY).unlink()
    ledger_key(home.folder / LEDGER_KEY, "")  # makes a new one
    assert errors(home) == {"ledger.key_foreign"}


def test_a_key_that_cannot_be_read_is_a_fault(home: Home) -> None:
    (home.folder / LEDGER_KEY).write_text("no key")
    assert errors(home) == {"ledger.key_unreadable"}


@pytest.fixture
def altered(home: Home) -> Iterator[Callable[[str], Home]]:
    """The home after somebody else wrote to its database."""
    opened: list[Home] = []

    def alter(sql: str) -> Home:
        home.close()
        with sqlite3.connect(home.folder / "catalog.db") as database:
            database.execute(sql)
        database.close()
        opened.append(Home.open(home.folder))
        return opened[-1]

    yield alter
    for each in opened:
        each.close()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE facility SET ledger_key = 'no key'",
        "UPDATE facility SET ledger_origin = 'elsewhere'",
        "DELETE FROM facility",
        "UPDATE facility SET code = '99009'",
        "UPDATE act SET time = 'no time'",
        "UPDATE chart SET diagnoses = '{'",
        "UPDATE document SET sealed_at = 'no time'",
        "UPDATE ledger_node SET hash = 'text'",
        "DELETE FROM ledger_node",
    ],
)
def test_an_altered_catalogue_never_stops_the_check(
    altered: Callable[[str], Home], sql: str, kept: Path
) -> None:
    home = altered(sql)
    report = checker(home).check(read_data=True, kept=[kept_checkpoint(str(kept))])
    assert "catalogue.altered" in {fault.kind.code for fault in report.faults}
    assert report.checked["kept_checkpoints"] == 1
    assert not any(fault.kind.code.startswith("history.") for fault in report.faults)


# --- what lies in the vault and belongs to no act
# --------------------------------------------------------------------


@pytest.mark.parametrize(
    "key",
    [
        "{code}/ledger/other",
        "{code}/ledger/tile/0/007",
        "{code}/ledger/tile/0/x000/000",
        "{code}/ledger/tile/entries/000",
        "{code}/ledger/checkpoint/notes.txt",
        "{code}/other",
        "at-the-root",
        "99002/documents/file.pdf",
        "canaries/x",
    ],
)
def test_an_orphan_is_reported_wherever_it_lies(home: Home, key: str) -> None:
    name = ObjectKey(key.format(code=home.code))
    home.vault.put(
        name, b"x", retain_until=rolling_until(home.clock.now()), media_type="text/plain"
    )
    assert ("object.foreign", name) in {
        (f.kind.code, f.object) for f in checker(home).check().faults
    }


def test_another_archive_in_the_same_vault_is_no_orphan(home: Home) -> None:
    until = rolling_until(home.clock.now())
    for name in (f"99002/acts/000000000000-{'0' * 64}.json", "99002/documents/x"):
        home.vault.put(ObjectKey(name), b"x", retain_until=until, media_type="text/plain")
    assert checker(home).check().faults == []


@pytest.mark.parametrize(
    "name", [".hidden", "{code}/.hidden", "{code}/acts/x.lock", "{code}/acts/.x.json.new", ".d/"]
)
def test_what_is_no_object_is_reported_and_cannot_forge_a_line(home: Home, name: str) -> None:
    path = home.folder / "vault" / name.format(code=home.code)
    path.mkdir() if name.endswith("/") else path.write_bytes(b"x")
    assert ("vault.stray", name.format(code=home.code)) in {
        (f.kind.code, f.object.replace("\\n", "\n")) for f in checker(home).check().faults
    }


def test_the_name_of_a_stray_cannot_forge_a_line(home: Home) -> None:
    (home.folder / "vault" / "x\n✓ Kho nguyên vẹn").write_bytes(b"x")
    (home.folder / "vault" / "link").symlink_to("/etc/passwd")
    objects = [fault.object for fault in checker(home).check().faults]
    assert "link" in objects
    assert not any("\n" in name for name in objects)
