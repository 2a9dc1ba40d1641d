"""A program written in Java, a judge or a maker: its jars and class are built once into `.judges/`,
then run without any registry.
"""

from dataclasses import dataclass
from pathlib import Path

from tests.judges.build import BuildFailed, once, run

__all__ = ["BuildFailed", "JavaJudge", "build"]

SOURCES = Path(__file__).parent / "java"


@dataclass(frozen=True, slots=True)
class JavaJudge:
    """One built program: a folder with every jar it needs and its class `main`."""

    folder: Path
    main: str

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
            self.main,
        ]


def build(name: str, sources: Path = SOURCES) -> JavaJudge:
    """Return the program `name` (a folder of `sources` with `pom.xml` and one `.java` file), built
    if it is not there yet.

    Raises :class:`BuildFailed`.
    """
    source = sources / name
    (main,) = source.glob("*.java")

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
            str(main),
        )

    return JavaJudge(once(source, make), main.stem)
