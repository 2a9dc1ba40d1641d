"""Production mode: nothing is written or served on a store that was not shown to
keep what it must.
"""

import json
import shutil
import signal
import uuid
from pathlib import Path
from typing import Any

import pytest

from api.composition.production import require_private
from api.home import Home
from api.upkeep.store_trial import POINTS, TrialOptions, restarter, verify_store
from archive.base.errors import KhoError, Misconfigured
from archive.base.settings import Settings, WebSettings
from archive.conformance.record import parse_record
from archive.conformance.runner import try_store
from archive.conformance.trial import Hands
from tests.fixtures.home import chart, json_lines, kho, write_real_settings
from tests.fixtures.store_server import ADMIN, KHO, STRANGER, StoreServer
from tests.stores.trials import ARCHIVE, TRIALS, subject

S3 = """\
[vault]
kind = "s3"
endpoint = "{endpoint}"
bucket = "{bucket}"
access_key = "{access}"
secret_key = "{secret}"
secure = false
"""
KEYS = {
    "KHO_STORE_ADMIN_KEY": ADMIN.access_key,
    "KHO_STORE_ADMIN_SECRET": ADMIN.secret_key,
    "KHO_STORE_STRANGER_KEY": STRANGER.access_key,
    "KHO_STORE_STRANGER_SECRET": STRANGER.secret_key,
}


def put_into_production(folder: Path, vault: str = "") -> Path:
    """Put a home with certificates that are no test's in production mode."""
    return write_real_settings(folder, "production = true", vault)


@pytest.fixture
def real_folder(real_template: Path, tmp_path: Path) -> Path:
    """Return a home that is no demonstration, over a folder vault, with act 0."""
    return Path(shutil.copytree(real_template, tmp_path / "home"))


@pytest.fixture
def folder(real_folder: Path) -> Path:
    """Return that home in production mode."""
    return put_into_production(real_folder)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a chart in a file."""
    file = tmp_path / "chart.json"
    file.write_text(json.dumps(chart()))
    return file


def error(done: Any) -> Any:
    """Return the code of the error that a command answered with, and its exit code."""
    (answer,) = json_lines(done.stdout)
    return answer["error"]["code"], done.returncode


UNPROVEN = ("store.unproven", 12)


def test_nothing_is_written_or_served_before_the_store_was_tried(
    folder: Path, source: Path
) -> None:
    before = sorted((folder / "vault").rglob("*"))
    for command in (
        ["ingest", source],
        ["deposit", "0190a1b2-0000-7000-8000-000000000000"],
        ["serve", "--port", "0"],
    ):
        assert error(kho(folder, *command, "--json")) == UNPROVEN
    assert sorted((folder / "vault").rglob("*")) == before
    assert kho(folder, "find", "--json", "gì").returncode == 0, "what is there is read all the same"
    assert error(kho(folder, "store", "show", "--json")) == UNPROVEN


def test_after_the_trial_charts_are_archived(folder: Path, source: Path) -> None:
    (answer,) = json_lines(kho(folder, "store", "verify", "--json", check=True).stdout)
    record = parse_record(Path(answer["file"]).read_bytes())
    assert answer["record"] == record.model_dump(mode="json")
    assert (record.verdict, record.facility, record.store.place.folder) == (
        "limited",
        "99001",
        str(folder / "vault"),
    )
    (receipt,) = json_lines(kho(folder, "ingest", "--json", source, check=True).stdout)
    assert receipt["lock_mode"] == "COMPLIANCE"
    (shown,) = json_lines(kho(folder, "store", "show", "--json", check=True).stdout)
    assert shown["record"] == answer["record"]
    assert "root" in kho(folder, "store", "show", "--lang", "en", check=True).stdout, (
        "the limit is shown to people"
    )


def writes(folder: Path) -> str:
    """Return `yes` where the home may write, else the code of what it is refused with."""
    with Home.open(folder) as home:
        try:
            home.ledger_signer()
        except KhoError as refusal:
            return refusal.code
    return "yes"


def tried(folder: Path) -> Path:
    """Try a home's store, and return the record's file."""
    with Home.open(folder) as home:
        return verify_store(home, TrialOptions())[1]


def test_the_newest_record_of_the_vault_counts(folder: Path) -> None:
    tried(folder)
    assert writes(folder) == "yes"
    (folder / "vault").chmod(0o755)
    assert parse_record(tried(folder).read_bytes()).verdict == "refused"
    assert writes(folder) == "store.refused"
    (folder / "vault").chmod(0o700)
    tried(folder)
    assert writes(folder) == "yes"
    assert len(list((folder / "conformance").iterdir())) == 3, "no record is ever removed"


def test_a_record_that_was_changed_or_is_anothers_lets_nothing_start(
    folder: Path, real_template: Path, tmp_path: Path
) -> None:
    file = tried(folder)
    good = file.read_bytes()
    file.write_bytes(good.replace(b'"verdict":"limited"', b'"verdict":"accepted"'))
    assert writes(folder) == "store.unproven"
    file.write_bytes(good[:-1])
    assert writes(folder) == "file.unreadable"
    file.unlink()
    other = put_into_production(Path(shutil.copytree(real_template, tmp_path / "other")))
    shutil.copy(tried(other), folder / "conformance")
    assert writes(folder) == "store.unproven"
    file.write_bytes(good)
    assert writes(folder) == "yes"


def test_a_demonstration_is_not_in_production(folder: Path) -> None:
    text = (folder / "kho.toml").read_text()
    (folder / "kho.toml").write_text(
        text.replace("production = true", "production = true\ndemo = true")
    )
    with pytest.raises(Misconfigured):
        Home.open(folder)
    assert kho(folder, "check").returncode == 2


def test_a_new_archive_is_made_only_on_a_store_that_was_tried(folder: Path) -> None:
    for name in ("vault", "keys", "index", "leases"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for file in folder.glob("catalog.db*"):
        file.unlink()
    init = ("init", "--facility", "99001", "--name", "Bệnh viện Thử", "--json")
    assert error(kho(folder, *init)) == UNPROVEN
    assert list((folder / "vault").rglob("*.json")) == []
    tried(folder)
    kho(folder, *init, check=True)
    assert len(list((folder / "vault").rglob("acts/*.json"))) == 1


@pytest.mark.parametrize("point", POINTS)
def test_a_trial_that_is_killed_leaves_a_whole_record_or_none(folder: Path, point: str) -> None:
    killed = kho(folder, "store", "verify", env={"KHO_CRASH_AT": point})
    assert killed.returncode == -signal.SIGKILL
    records = list((folder / "conformance").glob("*"))
    assert len(records) == (1 if point == "store.recorded" else 0)
    assert writes(folder) == ("yes" if records else "store.unproven")
    tried(folder)
    assert writes(folder) == "yes"


# --- a store of another make
# ------------------------------------------------------------------------------------------


def over(server: StoreServer, folder: Path) -> Path:
    """Put a home in production mode, with nothing in it yet, over a bucket of its own."""
    bucket = f"kho-{uuid.uuid4().hex[:12]}"
    for each in (bucket, f"{bucket}-trial"):
        server.make_bucket(each)
    for name in ("vault", "keys", "index"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for file in folder.glob("catalog.db*"):
        file.unlink()
    settings = {
        "bucket": bucket,
        "endpoint": server.endpoint,
        "access": KHO.access_key,
        "secret": KHO.secret_key,
    }
    return put_into_production(folder, S3.format(**settings))


INIT = ("init", "--facility", "99001", "--name", "Bệnh viện Thử", "--json")


def test_versitygw_is_refused_by_name_with_the_reason(
    real_folder: Path, versitygw: StoreServer
) -> None:
    folder = over(versitygw, real_folder)
    said = kho(folder, "store", "verify", "--store-version", "1.8.0", env=KEYS)
    assert said.returncode == 12
    assert "khóa hết hạn thì bản đang có lệnh giữ vẫn bị xóa" in said.stdout
    refused = kho(folder, *INIT)
    assert error(refused) == ("store.refused", 12)
    (answer,) = json_lines(refused.stdout)
    assert "versitygw 1.8.0" in answer["error"]["what"]["en"]
    assert "hold" in answer["error"]["what"]["en"]


def test_minio_is_accepted_and_takes_charts(
    real_folder: Path, minio: StoreServer, source: Path
) -> None:
    folder = over(minio, real_folder)
    (answer,) = json_lines(kho(folder, "store", "verify", "--json", env=KEYS, check=True).stdout)
    assert answer["record"]["verdict"] == "limited"
    assert "governance.needs_right" in [reason["case"] for reason in answer["record"]["reasons"]]
    secrets = {name: value for name, value in KEYS.items() if "SECRET" in name}
    assert not [
        name for name, value in secrets.items() if value in Path(answer["file"]).read_text()
    ]
    kho(folder, *INIT, check=True)
    (receipt,) = json_lines(kho(folder, "ingest", "--json", source, check=True).stdout)
    assert receipt["lock_mode"] == "COMPLIANCE"


def test_a_trial_of_a_bucket_needs_the_administrators_key(
    real_folder: Path, minio: StoreServer
) -> None:
    folder = over(minio, real_folder)
    assert error(kho(folder, "store", "verify", "--json")) == ("settings.invalid", 2)
    no_secret = {"KHO_STORE_ADMIN_KEY": ADMIN.access_key}
    assert error(kho(folder, "store", "verify", "--json", env=no_secret)) == ("settings.invalid", 2)
    with_file = folder / "admin.secret"
    with_file.write_text(f"{ADMIN.secret_key}\n")
    wrong = {
        **no_secret,
        "KHO_STORE_ADMIN_SECRET_FILE": str(with_file),
        "KHO_VAULT__ACCESS_KEY": "stranger",
    }
    assert error(kho(folder, "store", "verify", "--json", env=wrong))[1] == 11


def test_a_restart_is_the_operators_own_command_and_its_failure_is_named(
    minio: StoreServer,
) -> None:
    for bucket in (ARCHIVE, TRIALS):
        minio.make_bucket(bucket)
    only = ("durable.restart",)
    done = try_store(subject(minio, Hands(restart=restarter("sleep 0"))), only=only)
    assert [finding.outcome for finding in done.findings] == ["passed"]
    with pytest.raises(Misconfigured, match="--restart"):
        try_store(subject(minio, Hands(restart=restarter("no-such-program-of-ours"))), only=only)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "kho.example"])
def test_production_serves_other_machines_only_behind_tls(tmp_path: Path, host: str) -> None:
    web = WebSettings(host=host)
    with pytest.raises(Misconfigured, match="behind_tls"):
        require_private(Settings(home=tmp_path, production=True, web=web), host)
    require_private(Settings(home=tmp_path, web=web), host)
    require_private(
        Settings(home=tmp_path, production=True, web=web.model_copy(update={"behind_tls": True})),
        host,
    )
    for own in ("127.0.0.1", "::1", "localhost"):
        require_private(Settings(home=tmp_path, production=True), own)
