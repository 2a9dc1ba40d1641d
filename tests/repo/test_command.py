"""The command `kho`: it starts without the heavy libraries, and every command is documented."""

import importlib
import subprocess
import sys
from collections.abc import Iterator

import click

from tests.repo.tree import ROOT, pyproject

HEAVY = {
    "sqlalchemy",
    "alembic",
    "pyhanko",
    "typst",
    "flask",
    "pydantic",
    "cryptography",
    "lxml",
    "tantivy",
    "minio",
}


def test_kho_version_answers_without_loading_the_heavy_libraries() -> None:
    # What is loaded is what start-up costs; seconds would only measure the machine.
    program = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(*sys.modules, sep='\\n'))\n"
        "sys.argv = ['kho', '--version']\n"
        "from api.cli.main import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], cwd="/", capture_output=True, text=True, check=True
    )
    assert pyproject()["project"]["version"] in done.stdout.splitlines()[0]
    loaded = {name.split(".")[0] for name in done.stdout.splitlines()[1:]}
    assert "click" in loaded
    assert not loaded & HEAVY


def test_every_command_is_documented() -> None:
    document = ROOT / "docs" / "scripting.md"
    text = document.read_text(encoding="utf-8")
    missing = [name for name in commands(command()) if f"`{name}" not in text]
    assert not missing


def command() -> click.Group:
    """Return the group behind `kho`."""
    module = importlib.import_module("api.cli.main")
    groups = [thing for thing in vars(module).values() if isinstance(thing, click.Group)]
    assert len(groups) == 1, "api.cli.main holds one group of commands"
    return groups[0]


def commands(group: click.Group, name: str = "kho") -> Iterator[str]:
    """Yield every command's whole name, e.g. `kho packet create`."""
    context = click.Context(group)
    for child in group.list_commands(context):
        command = group.get_command(context, child)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {child}")
        elif not command.hidden:
            yield f"{name} {child}"
