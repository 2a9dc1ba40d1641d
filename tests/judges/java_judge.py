"""A judge written in Java: its jars and class are built once into `.judges/`, then run without any network."""

import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

SOURCES = Path(__file__).parent / "java"
CACHE = Path(__file__).parents[2] / ".judges"


class BuildFailed(Exception):
    """Maven or the compiler failed; the message holds what they said."""


@dataclass(frozen=True, slots=True)
class JavaJudge:
    """One built judge: a folder with every jar it needs and its class `Judge`."""

    folder: Path

    def command(self, *options: str) -> list[str]:
        """Return the command that starts it. `en`: verdicts never depend on the machine's language."""
        classpath = f"{self.folder / 'classes'}:{self.folder / 'jars'}/*"
        return ["java", "-XX:TieredStopAtLevel=1", "-Xss4m", "-Duser.language=en", *options, "-cp", classpath, "Judge"]


def build(name: str, *, sources: Path = SOURCES, cache: Path = CACHE) -> JavaJudge:
    """Return the judge `name` (a folder of `sources` with `pom.xml` and `Judge.java`), built if it is not there yet.

    The cache folder is keyed by the digest of the sources. A file lock lets parallel test workers share one build;
    the folder gets its name only when it is whole. Raises :class:`BuildFailed`.
    """
    source = sources / name
    digest = hashlib.sha256()
    for file in sorted(source.iterdir()):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    folder = cache / f"{name}-{digest.hexdigest()[:16]}"
    cache.mkdir(exist_ok=True)
    with FileLock(cache / f"{name}.lock"):
        if not folder.exists():
            half = folder.with_suffix(".half")
            shutil.rmtree(half, ignore_errors=True)
            _make(source, half)
            half.rename(folder)
    return JavaJudge(folder)


def _make(source: Path, folder: Path) -> None:
    jars, classes = folder / "jars", folder / "classes"
    classes.mkdir(parents=True)
    _run("mvn", "-q", "-B", "-f", str(source / "pom.xml"), "dependency:copy-dependencies", f"-DoutputDirectory={jars}")
    _run("javac", "--release", "17", "-cp", f"{jars}/*", "-d", str(classes), str(source / "Judge.java"))


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise BuildFailed(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
