"""The project's own files, as the tests about them see them."""

import subprocess
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@cache
def pyproject() -> dict[str, Any]:
    """Return `pyproject.toml`."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@cache
def packages() -> tuple[str, ...]:
    """Return the top-level packages that the wheel ships."""
    return tuple(pyproject()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])


@cache
def files() -> tuple[Path, ...]:
    """Return every file that is, or is about to be, under version control, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    paths = {Path(name) for name in listed.split("\0") if name}
    return tuple(sorted(path for path in paths if (ROOT / path).is_file()))


@cache
def texts() -> dict[Path, str]:
    """Return every file of :func:`files` that is UTF-8 text."""
    texts_by_path = {}
    for path in files():
        try:
            texts_by_path[path] = (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a font, a picture, a PDF
    return texts_by_path


@cache
def modules() -> tuple[Path, ...]:
    """Return every Python module of the packages, relative to the root."""
    return tuple(path for path in files() if path.suffix == ".py" and path.parts[0] in packages())


def module_name(path: Path) -> str:
    """Return the dotted name of a module, e.g. `archive.acts` for `archive/acts/__init__.py`."""
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")
