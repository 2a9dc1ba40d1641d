"""A judge written in Java: its jars and class are built once into `.judges/`, then run without any
network.
"""

from dataclasses import dataclass
from pathlib import Path

from tests.judges.build import BuildFailed, once, run

__all__ = ["BuildFailed", "JavaJudge", "build"]

SOURCES = Path(__file__).parent / "java"


@dataclass(frozen=True, slots=True)
class JavaJudge:
    """One built judge: a folder with every jar it needs and its class `Judge`."""

    folder: Path

    def command(self, *options: str) -> list[str]:
        """Return the command that starts it.

        `en`: verdicts never depend on the machine's language.
        """
        classpath = f"{self.folder / 'classes'}:{self.folder / 'jars'}/*"
        return [
            "java",
            "-XX:TieredStopAtLevel=1",
            "-Xss4m",
            "-Duser.language=en",
            *options,
            "-cp",
            classpath,
            "Judge",
        ]


def build(name: str) -> JavaJudge:
    """Return the judge `name` (a folder with `pom.xml` and `Judge.java`), built if it is not there
    yet.

    Raises :class:`BuildFailed`.
    """
    source = SOURCES / name

    def make(folder: Path) -> None:
        jars, classes = folder / "jars", folder / "classes"
        classes.mkdir()
        pom = str(source / "pom.xml")
        run(
            "mvn",
            "-q",
            "-B",
            "-f",
            pom,
            "dependency:copy-dependencies",
            f"-DoutputDirectory={jars}",
        )
        run(
            "javac",
            "--release",
            "17",
            "-cp",
            f"{jars}/*",
            "-d",
            str(classes),
            str(source / "Judge.java"),
        )

    return JavaJudge(once(source, make))
