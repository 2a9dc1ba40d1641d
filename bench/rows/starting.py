"""How long the command and the server take to start."""

import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bench.context import Context
from bench.programs import median
from bench.report import Figure

KHO = Path(sys.executable).with_name("kho")


def measure(context: Context) -> Iterator[Figure]:
    """Yield the start of `kho --version`, and of `kho serve` until its first page."""
    yield Figure("start-command", median([_command() for _ in range(context.pick(7, 15))]))
    with context.home("server") as home:
        yield Figure("start-server", median([_server(home) for _ in range(context.pick(3, 7))]))


def _command() -> float:
    started = time.perf_counter()
    subprocess.run([KHO, "--version"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def _server(home: Path) -> float:
    started = time.perf_counter()
    process = subprocess.Popen(
        [KHO, "serve", "--home", home, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = next(
            word for word in process.stdout.readline().split() if word.startswith("http")
        )
        with urllib.request.urlopen(f"{address}/", timeout=30) as page:
            page.read()
        return time.perf_counter() - started
    finally:
        process.terminate()
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()
