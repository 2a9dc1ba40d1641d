"""The floors of the house: a folder imports only from floors below it (the check itself is `make
lint`).
"""

from tests.repo.tree import packages, pyproject

CONTRACTS = {
    contract["type"]: contract for contract in pyproject()["tool"]["importlinter"]["contracts"]
}


def test_every_package_stands_on_a_floor() -> None:
    floors = [name.strip() for floor in CONTRACTS["layers"]["layers"] for name in floor.split("|")]
    assert sorted(floors) == sorted(packages())


def test_the_floors_are_those_of_the_architecture() -> None:
    # `|`: signing and search are on one floor and do not import each other.
    assert CONTRACTS["layers"]["layers"] == [
        "api",
        "retention",
        "ingest",
        "signing | search",
        "archive",
    ]


def test_the_linters_look_at_every_package() -> None:
    tools = pyproject()["tool"]
    assert sorted(tools["importlinter"]["root_packages"]) == sorted(packages())
    assert sorted(CONTRACTS["acyclic_siblings"]["ancestors"]) == sorted(packages())
    assert sorted(tools["mypy"]["packages"]) == sorted([*packages(), "bench", "tests"])
    assert tools["mypy"]["strict"] is True


def test_no_contract_has_an_exception() -> None:
    assert not [contract["name"] for contract in CONTRACTS.values() if "ignore_imports" in contract]
