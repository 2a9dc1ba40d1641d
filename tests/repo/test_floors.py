"""The floors of the house: a folder imports only from floors below it (the check itself is `make
lint`).
"""

from typing import Any

from tests.repo.tree import packages, pyproject

CONTRACTS = pyproject()["tool"]["importlinter"]["contracts"]


def contract(begins: str) -> dict[str, Any]:
    """Return the contract whose name begins so."""
    (contract,) = [each for each in CONTRACTS if each["name"].startswith(begins)]
    return dict(contract)


def test_every_package_is_on_a_floor() -> None:
    floors = [name.strip() for floor in contract("floors")["layers"] for name in floor.split("|")]
    assert sorted(floors) == sorted(packages())


def test_the_floors_are_those_of_the_architecture() -> None:
    # `|`: signing and search are on one floor and do not import each other.
    assert contract("floors")["layers"] == [
        "api",
        "retention",
        "ingest",
        "signing | search",
        "archive",
    ]


def test_the_linters_look_at_every_package() -> None:
    tools = pyproject()["tool"]
    assert sorted(tools["importlinter"]["root_packages"]) == sorted(packages())
    assert sorted(contract("no circles")["ancestors"]) == sorted(packages())
    assert sorted(tools["mypy"]["packages"]) == sorted([*packages(), "bench", "tests"])
    assert tools["mypy"]["strict"] is True


def test_no_contract_has_an_exception() -> None:
    assert not [each["name"] for each in CONTRACTS if "ignore_imports" in each]


def test_pages_api_and_command_line_do_not_import_each_other() -> None:
    layers = contract("entry points: ")
    assert layers["layers"][:3] == ["cli", "server", "rest | web"]
    assert layers["exhaustive"] is True
    command_line = contract("the command line")
    assert command_line["source_modules"] == ["api.cli"]
    assert command_line["forbidden_modules"] == ["api.rest", "api.web"]


def test_no_import_hides_from_the_linters() -> None:
    banned = pyproject()["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]
    assert "importlib.import_module" in banned
    ignored = pyproject()["tool"]["ruff"]["lint"]["per-file-ignores"]
    may = {path for path, rules in ignored.items() if "TID251" in rules}
    assert may == {
        "api/cli/main.py",
        "ingest/preparation/worker_protocol.py",
        "tests/**",
        "bench/**",
    }


def test_entry_points_get_entries_and_no_table_rows() -> None:
    rows = contract("entry points read entries")
    assert rows["source_modules"] == ["api.cli", "api.server", "api.rest", "api.web"]
    tables = {"archive.catalog.tables", "archive.catalog.operations", "archive.catalog.records"}
    assert set(rows["forbidden_modules"]) == tables
