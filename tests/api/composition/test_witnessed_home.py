"""A home with a witness: checkpoints follow the acts, and a home that was set back refuses to
write.
"""

import json
import shutil
import uuid
from datetime import timedelta
from pathlib import Path

import pytest

from api.home import Home
from api.upkeep.maintenance import checker
from archive.base.clock import FixedClock, SystemClock
from archive.base.errors import Misconfigured
from archive.vault.contract import LockMode
from archive.witness.contract import HistoryContradicted
from tests.archive.vault.conftest import s3_vault
from tests.fixtures.home import chart, json_lines, kho, take
from tests.fixtures.http_place import serving
from tests.fixtures.seaweed import KHO, SeaweedServer

FOLDER = """
[[witnesses]]
name = "second"
kind = "folder"
folder = "{folder}"
"""
BUCKET = """
[[witnesses]]
name = "bucket"
kind = "s3"
endpoint = "{endpoint}"
bucket = "{bucket}"
access_key = "{access_key}"
secret_file = "keys/witness.secret"
secure = false
"""
WEB = """
[[witnesses]]
name = "web"
kind = "http"
url = "{url}"
"""


@pytest.fixture
def folder(home_folder: Path, tmp_path: Path) -> Path:
    """A home whose checkpoints go to a second folder."""
    with (home_folder / "kho.toml").open("a") as settings:
        settings.write(FOLDER.format(folder=tmp_path / "second"))
    return home_folder


@pytest.fixture
def set_back(folder: Path, tmp_path: Path) -> Path:
    """The home set back, vault and database, to before its last chart."""
    with Home.open(folder) as home:
        take(home, chart(1))
    shutil.copytree(folder, tmp_path / "backup")
    with Home.open(folder) as home:
        take(home, chart(2))
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "backup", folder)
    return folder


def test_a_checkpoint_follows_the_acts_to_the_witness(folder: Path, tmp_path: Path) -> None:
    with Home.open(folder) as home:
        take(home, chart(1))
        assert not home.follow_ups.outbox.pending()
        assert home.witnesses.confirmed()["second"].size == 2
        report = checker(home).check()
        # of act 0 alone, and of both
        assert (report.faults, report.checked["kept_checkpoints"]) == ([], 2)
    later = FixedClock(SystemClock().now() + timedelta(days=8))
    with Home(home.settings, later) as home:
        assert "witness.unconfirmed" in {fault.kind.code for fault in checker(home).check().faults}


def test_a_home_that_was_set_back_reads_and_does_not_write(set_back: Path, tmp_path: Path) -> None:
    source = tmp_path / "chart.json"
    source.write_text(json.dumps(chart(3)))
    acts = sorted((set_back / "vault").rglob("acts/*.json"))
    done = kho(set_back, "ingest", "--json", source)
    assert done.returncode == 8
    assert json_lines(done.stdout)[0]["error"]["code"] == "history.contradicted"
    assert sorted((set_back / "vault").rglob("acts/*.json")) == acts
    done = kho(set_back, "check", "--json")
    assert done.returncode == 8
    assert {fault["code"] for fault in json_lines(done.stdout)[0]["faults"]} == {"history.shorter"}
    assert kho(set_back, "find", "Viêm").returncode == 0
    assert kho(set_back, "witness").returncode == 8


def test_a_home_that_was_set_back_while_the_witness_was_away_is_found_by_the_next_push(
    home_folder: Path, tmp_path: Path
) -> None:
    kept: list[bytes] = []
    down = False

    def answer(method: str, _path: str, body: bytes) -> tuple[int, bytes]:
        if down:
            return 503, b""
        if method == "GET":
            return (200, kept[-1]) if kept else (404, b"")
        kept.append(body)
        return 200, b""

    with serving(answer) as url:
        with (home_folder / "kho.toml").open("a") as settings:
            settings.write(WEB.format(url=url))
        shutil.copytree(home_folder, tmp_path / "backup")
        with Home.open(home_folder) as home:
            take(home, chart(1))
        shutil.rmtree(home_folder)
        shutil.copytree(tmp_path / "backup", home_folder)
        down = True
        with Home.open(home_folder) as home:
            take(home, chart(2))  # archiving goes on
            assert home.follow_ups.outbox.pending("witness")
            down = False
            with pytest.raises(HistoryContradicted):
                home.follow_ups.outbox.drain("witness")
            with pytest.raises(HistoryContradicted):
                take(home, chart(3))


def test_a_bucket_with_object_lock_keeps_the_checkpoints_of_a_home_that_was_set_back(
    home_folder: Path, tmp_path: Path, seaweed: SeaweedServer
) -> None:
    bucket = f"kho-witness-{uuid.uuid4().hex[:12]}"
    seaweed.make_bucket(bucket)
    (home_folder / "keys" / "witness.secret").write_text(KHO.secret_key + "\n")
    with (home_folder / "kho.toml").open("a") as settings:
        settings.write(
            BUCKET.format(endpoint=seaweed.endpoint, bucket=bucket, access_key=KHO.access_key)
        )
    shutil.copytree(home_folder, tmp_path / "backup")
    with Home.open(home_folder) as home:
        take(home, chart(1))
        assert home.witnesses.confirmed()["bucket"].size == 2
        report = checker(home).check()
        assert (report.faults, report.checked["kept_checkpoints"]) == ([], 2)
    store = s3_vault(seaweed.endpoint, bucket)
    kept = [store.stat(stored.key, stored.version) for stored in store.list("99001/checkpoints/")]
    assert [str(stored.key).rpartition("/")[2][:12] for stored in kept] == [
        f"{size:012}" for size in (1, 2)
    ]
    assert all(stored.lock and stored.lock.mode is LockMode.COMPLIANCE for stored in kept)
    shutil.rmtree(home_folder)
    shutil.copytree(tmp_path / "backup", home_folder)
    with Home.open(home_folder) as home, pytest.raises(HistoryContradicted):
        take(home, chart(2))


def test_the_command_says_what_each_witness_confirmed(folder: Path) -> None:
    (answer,) = json_lines(kho(folder, "witness", "--json", check=True).stdout)
    assert (answer["witness"], answer["size"]) == ("second", 1)
    assert answer["checkpoint"].startswith("kho/99001/")


@pytest.mark.parametrize(
    "settings",
    [
        FOLDER.format(folder="a") * 2,
        '[[witnesses]]\nname = "w"\nkind = "folder"\n',
        '[[witnesses]]\nname = "w"\nkind = "http"\nurl = "ftp://x"\n',
        '[[witnesses]]\nname = "w"\nkind = "c2sp"\nurl = "https://x"\nkey = "x+00000000+AAAA"\n',
        '[[witnesses]]\nname = "w"\nkind = "s3"\nendpoint = "x:1"\n',
        '[[witnesses]]\nname = "w"\nkind = "http"\nurl = "https://x"\nsecret_file = "none"\n',
    ],
)
def test_a_witness_that_cannot_work_is_named_before_anything_is_written(
    home_folder: Path, settings: str
) -> None:
    with (home_folder / "kho.toml").open("a") as file:
        file.write("\n" + settings)
    with Home.open(home_folder) as home, pytest.raises(Misconfigured):
        take(home, chart(1))
