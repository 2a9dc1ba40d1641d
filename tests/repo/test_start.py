"""What is loaded at the start: counted in modules, for seconds depend on the machine.

Heavy libraries come when they are needed, so that the command answers at once and the server soon.
"""

import json
import subprocess
import sys

import pytest

ENGINES = {
    "elasticsearch",
    "elastic_transport",
    "psycopg",
    "minio",
    "tantivy",
    "alembic",
    "certomancer",
}
SEALING = {
    "pyhanko",
    "pyhanko_certvalidator",
    "asn1crypto",
    "pikepdf",
    "typst",
    "pypdfium2",
    "lxml",
}
ALL = (
    ENGINES
    | SEALING
    | {"sqlalchemy", "pydantic", "cryptography", "flask", "jinja2", "yaml", "jsonschema", "PIL"}
)
FEW = 150  # top-level modules, those of Python itself included


def loaded(program: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter holds after `program`."""
    code = (
        f"{program}\nimport sys, json; sys.stderr.write('\\n' + json.dumps([m.partition('.')[0] "
        "for m in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_the_command_answers_without_any_library(option: str) -> None:
    modules = loaded(f"from api.cli.main import kho; kho([{option!r}], standalone_mode=False)")
    assert not modules & ALL
    assert len(modules) < FEW


@pytest.mark.parametrize("command", ["find", "show"])
def test_a_caller_that_reads_does_not_wait_for_what_seals_or_for_other_engines(
    command: str,
) -> None:
    modules = loaded(f"import api.cli.{command}, api.home")
    assert not modules & (ENGINES | SEALING)


def test_the_server_listens_before_the_engines_and_the_typesetter_are_loaded() -> None:
    modules = loaded("import api.cli.serve, api.home, api.server")
    assert not modules & (ENGINES | SEALING | {"flask"})


def test_the_doors_open_before_what_seals_is_loaded_and_without_other_engines() -> None:
    modules = loaded("import api.web.app, api.rest.app")
    assert not modules & (ENGINES | {"pyhanko", "typst", "lxml"})
