"""Object stores that are Go programs, built once from pinned sources into `.judges/`, where later
runs find them.

`python -m tests.stores.programs` builds all of them, e.g. in the background while other tests run:
a test that needs one meanwhile waits for it. The sources are read as data only: a module is pinned
by its digest (`h1:`, as in a `go.sum`), and its own `go.sum` pins all that it needs.
"""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

from tests.judges.build import BuildFailed, once, run
from tests.judges.missing import require_program, unjudged

HERE = Path(__file__).parent
STORES = ("minio", "versitygw")


def minio() -> Path:
    """Return the program; without Go the test is skipped loudly, in CI it fails."""
    return _program("minio")


def versitygw() -> Path:
    """Return the program; without Go the test is skipped loudly, in CI it fails."""
    return _program("versitygw")


@cache
def _program(name: str) -> Path:
    require_program("go")
    try:
        return build(name)
    except BuildFailed as failure:
        unjudged(f"{name} could not be built: {failure}")


def build(name: str) -> Path:
    """Return the program `name`, built now if it is not there yet. Raises BuildFailed."""
    return (
        once(HERE / name, lambda folder: _make(HERE / name / "module.json", folder / name)) / name
    )


def _make(described: Path, program: Path) -> None:
    description = json.loads(described.read_text("utf-8"))
    module = f"{description['module']}@{description['version']}"
    command = ["go", "mod", "download", "-json", module]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=program.parent)
    answer = json.loads(done.stdout or "{}")
    if done.returncode != 0 or answer.get("Sum") != description["sum"]:
        raise BuildFailed(f"{module}: {answer.get('Error') or answer.get('Sum') or done.stderr}")
    env = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}
    options = ["-buildvcs=false", "-trimpath", "-ldflags=-s -w"]
    run(
        "go",
        "build",
        *options,
        "-o",
        str(program),
        description["package"],
        folder=Path(answer["Dir"]),
        env=env,
    )


if __name__ == "__main__":
    for each in STORES:
        print(build(each), file=sys.stderr)
