"""veraPDF, the PDF Association's validator, judging files by flavours that we name (never by what a
file claims).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.judges.java_judge import JavaJudge
from tests.judges.tally import Tally
from tests.judges.warm import WarmProcess

# PDF/A-3a (ISO 19005-3, level A) and PDF/UA-1 (ISO 14289-1): what every original must be
ARCHIVED = ("3a", "ua1")


@dataclass(frozen=True, slots=True)
class FlavourVerdict:
    """What veraPDF says of one file and one flavour.

    `ended` is `normal` where the job came to its end, else what stopped it; `failed` maps a rule
    (`6.1.9-1`: clause, test number) to veraPDF's own sentence.
    """

    ended: str
    compliant: bool
    failed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What veraPDF says of one file, by flavour."""

    path: Path
    flavours: Mapping[str, FlavourVerdict]

    @property
    def ok(self) -> bool:
        """Return whether every flavour's job ended normally and found the file compliant."""
        return all(
            said.ended == "normal" and said.compliant and not said.failed
            for said in self.flavours.values()
        )

    @property
    def failed_rules(self) -> set[str]:
        """Return the rules that failed, e.g. `{"3a:6.1.9-1"}`."""
        return {
            f"{flavour}:{rule}" for flavour, said in self.flavours.items() for rule in said.failed
        }

    def explain(self) -> str:
        """Return the verdict for a person: one line a flavour, one a failed rule."""
        lines = [str(self.path)]
        for flavour, said in self.flavours.items():
            lines.append(
                f"  {flavour}: {'compliant' if said.compliant else 'NOT compliant'}, job ended: "
                f"{said.ended}"
            )
            lines.extend(f"    {rule} {sentence}" for rule, sentence in said.failed.items())
        return "\n".join(lines)


class VeraPdf:
    """One warm veraPDF process. Close it, or use it in a `with` block."""

    def __init__(self, judge: JavaJudge, tally: Tally | None = None) -> None:
        self._tally = tally if tally is not None else Tally()
        self._process = WarmProcess(judge.command())

    def judge(
        self, paths: Iterable[Path], *, flavours: tuple[str, ...] = ARCHIVED
    ) -> list[Verdict]:
        """Return a verdict for each file, in order.

        A file that cannot be read gets one too; nothing is counted.
        """
        return [self._ask(path, flavours) for path in paths]

    def accept(self, path: Path, *, form: str | None, flavours: tuple[str, ...] = ARCHIVED) -> None:
        """Fail the test unless `path` is compliant; counted under `form` in the summary of the run.

        `form` is the form's code (`01/BV1`, `XML3`); None leaves the file out of the count (it is
        no paper of ours).
        """
        verdict = self._ask(path, flavours)
        if form is not None:
            self._tally.count(form, ok=verdict.ok)
        assert verdict.ok, f"veraPDF refuses {verdict.explain()}"

    def close(self) -> None:
        """End the process."""
        self._process.close()

    def __enter__(self) -> Self:
        """Return the judge itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """End the process."""
        self.close()

    def _ask(self, path: Path, flavours: tuple[str, ...]) -> Verdict:
        said = self._process.ask(f"{','.join(flavours)}\t{path.absolute()}")["flavours"]
        return Verdict(path, {flavour: FlavourVerdict(**said[flavour]) for flavour in flavours})
