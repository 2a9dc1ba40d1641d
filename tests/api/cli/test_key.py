"""`kho key`: keys are made, listed and ended from the command line."""

import json
from pathlib import Path

from api.access.api_keys import ApiKeys
from api.home import Home
from tests.fixtures.home import kho


def test_a_key_is_shown_once_listed_without_its_secret_and_ended(home_folder: Path) -> None:
    options = ("--name", "HIS thử", "--role", "his", "--department", "K01")
    done = kho(home_folder, "key", "create", *options, "--json", check=True)
    made_key = json.loads(done.stdout)
    assert (made_key["name"], made_key["role"], made_key["departments"]) == (
        "HIS thử",
        "his",
        ["K01"],
    )
    assert made_key["key"].startswith(f"kho_{made_key['key_id']}_")
    listed = kho(home_folder, "key", "list", "--json", check=True).stdout
    assert made_key["key"] not in listed
    assert [key["key_id"] for key in json.loads(listed)["keys"]] == [made_key["key_id"]]
    with Home.open(home_folder) as home:
        assert (
            ApiKeys(home.catalog, home.code, home.clock).authenticate(made_key["key"]) is not None
        )
        ended = json.loads(
            kho(home_folder, "key", "revoke", made_key["key_id"], "--json", check=True).stdout
        )
        assert ended["revoked_at"]
        assert ApiKeys(home.catalog, home.code, home.clock).authenticate(made_key["key"]) is None


def test_without_json_standard_output_is_the_key_alone(home_folder: Path) -> None:
    done = kho(
        home_folder,
        "key",
        "create",
        "--name",
        "HIS",
        "--role",
        "reader",
        "--expires",
        "31/12/2026",
        check=True,
    )
    (line,) = done.stdout.splitlines()
    with Home.open(home_folder) as home:
        (key,) = ApiKeys(home.catalog, home.code, home.clock).all()
        assert ApiKeys(home.catalog, home.code, home.clock).authenticate(line) is not None
    assert key.as_json()["expires_at"] == "2026-12-31T17:00:00.000Z"


def test_what_cannot_be_a_key_is_refused(home_folder: Path) -> None:
    for arguments in (("--role", "root"), ("--role", "his", "--expires", "2020-01-01")):
        assert kho(home_folder, "key", "create", "--name", "HIS", *arguments).returncode == 2
    assert kho(home_folder, "key", "revoke", "aaaaaaaa").returncode == 4
