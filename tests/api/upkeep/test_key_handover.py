"""`kho ledger-key hand-over` in a home: what goes on with the new key, and a kill between any two
steps.
"""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier

import pytest

from api.composition.ledger_key import (
    LEDGER_KEY,
    checkpoint_signer,
    is_encrypted,
    ledger_key,
    prepared_file,
    prepared_key,
    protect,
    public_key,
)
from api.home import Home
from api.upkeep.key_handover import hand_over
from api.upkeep.maintenance import checker, rebuild
from archive.access.actor import Actor
from archive.acts.ledger_key import SCHEMA
from archive.base.errors import Denied
from archive.catalog.tables import ActRow
from archive.ledger.checkpoint import VerifierKey
from archive.ledger.keys import KeyNotInForce, LedgerKeys
from tests.api.sharing.conftest import an_order
from tests.fixtures.home import CLERK, chart, json_lines, kho, take

Homes = Callable[[], Home]
STEPS = ("key.prepared", "act.pending", "act.put", "act.applied", "key.stated", "key.exchanged")
SIGKILLED = -9


def handovers(home: Home) -> list[int]:
    with home.catalog.read() as session:
        return [row.index for row in session.query(ActRow).filter_by(schema=SCHEMA)]


def files(home_folder: Path) -> set[str]:
    return {file.name for file in (home_folder / LEDGER_KEY).parent.glob("ledger*")}


def test_the_archive_goes_on_with_the_new_key(home_folder: Path) -> None:
    old = public_key(home_folder / LEDGER_KEY, "")
    first = take_in(home_folder, 1)
    answer = json_lines(kho(home_folder, "ledger-key", "hand-over", "--json", check=True).stdout)[0]
    shown = json_lines(kho(home_folder, "ledger-key", "show", "--json", check=True).stdout)[0]
    assert answer["key"] == shown["key"] == shown["keys"][-1]["key"] != shown["keys"][0]["key"]
    assert public_key(home_folder / LEDGER_KEY, "") != old
    second = take_in(home_folder, 2)
    assert files(home_folder) == {"ledger.pem"}
    with Home.open(home_folder) as home:
        for chart_id in (first, second):
            home.open_for_writing().deposits.deposit(chart_id, CLERK, home.scope)
            home.open_for_writing().packets.create(
                an_order(chart_id), CLERK, home.scope, lambda _: None
            )
        home.follow_ups.run()
        assert checker(home).check(read_data=True).faults == []
        rebuild(home)
        assert {fault.kind.code for fault in checker(home).check().faults} <= {"outbox.waiting"}


def take_in(home_folder: Path, number: int) -> str:
    with Home.open(home_folder) as home:
        (result,) = take(home, chart(number))
        home.follow_ups.run()
        return result.receipts[0].chart_id


@pytest.mark.parametrize("step", STEPS)
def test_a_handover_that_is_killed_is_finished_by_the_next_process_that_writes(
    home_folder: Path, step: str
) -> None:
    assert (
        kho(home_folder, "ledger-key", "hand-over", env={"KHO_CRASH_AT": step}).returncode
        == SIGKILLED
    )
    take_in(home_folder, 1)
    with Home.open(home_folder) as home:
        assert {fault.kind.code for fault in checker(home).check().faults} == set()
        stated = handovers(home)
    again = kho(home_folder, "ledger-key", "hand-over", "--json", check=True)
    assert files(home_folder) == {"ledger.pem"}
    take_in(home_folder, 2)
    with Home.open(home_folder) as home:
        assert checker(home).check().faults == []
        assert str(home.signed.keys().newest) == json_lines(again.stdout)[0]["key"]
        # asked again after it was finished, it is another handover
        assert len(handovers(home)) == len(stated) + 1


@pytest.mark.parametrize("step", ["act.pending", "act.put", "key.stated"])
def test_a_handover_that_is_killed_and_asked_for_again_at_once_is_one_handover(
    home_folder: Path, step: str
) -> None:
    kho(home_folder, "ledger-key", "hand-over", env={"KHO_CRASH_AT": step})
    kho(home_folder, "ledger-key", "hand-over", check=True)
    with Home.open(home_folder) as home:
        assert len(handovers(home)) == 1
        assert checker(home).check().faults == []


def test_between_act_and_exchange_the_check_gives_a_notice(home_folder: Path) -> None:
    kho(home_folder, "ledger-key", "hand-over", env={"KHO_CRASH_AT": "key.stated"})
    checked = kho(home_folder, "check", "--json")
    (fault,) = [
        f for f in json_lines(checked.stdout)[0]["faults"] if f["code"].startswith("ledger.key")
    ]
    assert (fault["code"], fault["severity"]) == ("ledger.key_half_handed_over", "notice")


def test_the_old_key_put_back_signs_nothing(fresh_home: Homes, tmp_path: Path) -> None:
    home = fresh_home()
    file = home.folder / LEDGER_KEY
    old = file.read_bytes()
    hand_over(home, CLERK)
    file.write_bytes(old)
    with Home(home.settings) as restored:
        with pytest.raises(KeyNotInForce):
            take(restored, chart(1))
        assert "ledger.key_foreign" in {
            fault.kind.code for fault in checker(restored).check().faults
        }


def test_an_open_server_goes_on_after_another_process_handed_over(fresh_home: Homes) -> None:
    server = fresh_home()
    take(server, chart(1))
    kho(server.folder, "ledger-key", "hand-over", check=True)
    (result,) = take(server, chart(2))
    server.follow_ups.run()
    assert result.receipts
    assert checker(server).check().faults == []


def test_only_who_keeps_the_archive_hands_over(fresh_home: Homes) -> None:
    home = fresh_home()
    with pytest.raises(Denied):
        hand_over(home, Actor("Ai đó", "reader"))
    assert files(home.folder) == {"ledger.pem"}


@pytest.fixture
def files_of_keys(tmp_path: Path) -> Path:
    """A ledger's key file in a home's folder for keys, and a prepared key beside it; neither is
    encrypted.
    """
    file = tmp_path / "keys" / "ledger.pem"
    ledger_key(file, "")
    ledger_key(prepared_file(file), "")
    return file


def keys_of(*files: Path) -> LedgerKeys:
    """Return a ledger's keys as its acts would state them: these, oldest first."""
    return LedgerKeys(
        "a",
        tuple((at, VerifierKey("a", public_key(file, "") or b"")) for at, file in enumerate(files)),
    )


def test_a_prepared_key_that_no_act_states_is_never_replaced(files_of_keys: Path) -> None:
    key = public_key(prepared_file(files_of_keys), "")
    again = prepared_key(files_of_keys, keys_of(files_of_keys), "")
    assert again.public_key().public_bytes_raw() == key


def test_a_prepared_key_waits_where_the_acts_state_it_and_its_file_is_not_exchanged(
    files_of_keys: Path,
) -> None:
    prepared = prepared_file(files_of_keys)
    key = public_key(prepared, "")
    again = prepared_key(files_of_keys, keys_of(files_of_keys, prepared), "")
    assert again.public_key().public_bytes_raw() == key


def test_a_prepared_key_that_has_had_its_time_stops_no_handover(fresh_home: Homes) -> None:
    """A backup of a handover that was half done brings the prepared key back."""
    home = fresh_home()
    file = home.folder / LEDGER_KEY
    first = hand_over(home, CLERK)
    shutil.copy(file, prepared_file(file))
    second = hand_over(home, CLERK)
    assert second != first
    assert (public_key(file, ""), files(home.folder)) == (second.public, {"ledger.pem"})
    assert home.signed.keys().newest == second


def test_two_that_prepare_a_key_at_once_have_the_same_key(tmp_path: Path) -> None:
    """A lease of a database may be lost: the act of the first must not state a key that the second
    replaces.
    """
    with ThreadPoolExecutor(8) as pool:
        for turn in range(5):
            file = tmp_path / str(turn) / "ledger.next.pem"
            keys = {
                key.private_bytes_raw()
                for key in pool.map(lambda at: ledger_key(at, "x"), [file] * 8)
            }
            assert len(keys) == 1


def together(start: Barrier, do: Callable[[], object]) -> None:
    """Do something when the other is about to do its own."""
    start.wait()
    do()


def test_a_key_that_takes_over_while_its_file_is_encrypted_is_not_lost(
    files_of_keys: Path, tmp_path: Path
) -> None:
    keys = keys_of(files_of_keys, prepared_file(files_of_keys))
    with ThreadPoolExecutor(2) as pool:
        for turn in range(10):
            file = (
                Path(shutil.copytree(files_of_keys.parent, tmp_path / str(turn) / "keys"))
                / "ledger.pem"
            )
            start = Barrier(2)
            encrypting = pool.submit(together, start, partial(protect, file, "x"))
            exchanging = pool.submit(together, start, partial(checkpoint_signer, file, keys, "x"))
            exchanging.result()
            encrypting.result()
            assert public_key(file, "x") == keys.newest.public
            assert is_encrypted(file)


def test_a_prepared_key_is_encrypted_with_the_other(files_of_keys: Path) -> None:
    protect(files_of_keys, "x")
    assert is_encrypted(files_of_keys)
    assert is_encrypted(prepared_file(files_of_keys))
