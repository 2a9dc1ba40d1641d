"""What is loaded at the start: counted in modules, for seconds depend on the machine.

Heavy libraries come when they are needed, so that the command answers at once and the server soon.
"""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repo.tree import ROOT, files, packages

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


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in files()
        if path.parts[0] in packages()
        and path.suffix == ".py"
        and "import pyhanko" in (ROOT / path).read_text(encoding="utf-8").replace("from", "import")
    ],
    ids=str,
)
def test_the_circle_of_pyhankos_modules_has_one_door(path: Path) -> None:
    """Two threads that enter it by different modules get half of one: it says ImportError."""
    imports = [
        name
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        if name.startswith("pyhanko.")
    ]
    assert not imports or imports[0].startswith("pyhanko.sign"), imports
