"""The corpus with its verdicts: what EU DSS says of each file, what Kho says, and a table."""

from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from archive.base.errors import Unreadable
from signing.trust import TrustRoots
from signing.validation.validate import validate
from tests.judges.dss import Dss, Verdict
from tests.signing.validation.corpus.specimen import Kind, Specimen

UNREADABLE = "unreadable"
# the words of both, worst first
WORDS = ("unreadable", "invalid", "indeterminate", "unsigned", "valid")
_DSS_WORDS = {
    "TOTAL_FAILED": "invalid",
    "INDETERMINATE": "indeterminate",
    "TOTAL_PASSED": "valid",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """A file by its name, and one word of each."""

    name: str
    maker: str
    level: str
    kind: Kind
    note: str
    dss: str
    kho: str


def judge(specimens: Iterable[Specimen], folder: Path, dss: Dss, trust: Path) -> Iterator[Judged]:
    """Write each file into `folder`, and yield what EU DSS and Kho say of it.

    DSS judges a file while the next one is made.
    """
    roots = TrustRoots.from_files(trust)
    with ThreadPoolExecutor(1) as at_dss:
        waiting = []
        for specimen in specimens:
            path = folder / f"{specimen.name}.pdf"
            path.write_bytes(specimen.pdf)
            waiting.append((specimen, at_dss.submit(dss.judge, path, trust), kho_word(path, roots)))
        for specimen, answer, kho in waiting:
            yield Judged(
                specimen.name,
                specimen.maker,
                specimen.level,
                specimen.kind,
                specimen.note,
                dss_word(answer.result()),
                kho,
            )


def dss_word(verdict: Verdict) -> str:
    """Return Kho's word for the worst that DSS says of any signature in the file."""
    if verdict.error is not None:
        return UNREADABLE
    said = {signature.indication for signature in verdict.signatures}
    return next((word for key, word in _DSS_WORDS.items() if key in said), "unsigned")


def kho_word(path: Path, roots: TrustRoots) -> str:
    """Return what Kho says of the file."""
    try:
        return validate(path.read_bytes(), roots).verdict.value
    except Unreadable:
        return UNREADABLE


def table(judged: Iterable[Judged]) -> list[str]:
    """Return a line for each maker and level: how many files Kho calls what."""
    counts: dict[tuple[str, str, str], Counter[str]] = {}
    for file in judged:
        counts.setdefault((file.kind.value, file.maker, file.level), Counter())[file.kho] += 1
    head = f"{'':12}{'maker':20}{'level':8}" + "".join(f"{word:>15}" for word in WORDS)
    rows = [
        f"{kind:12}{maker:20}{level:8}" + "".join(f"{count[word] or '-':>15}" for word in WORDS)
        for (kind, maker, level), count in sorted(counts.items(), reverse=True)
    ]
    return [head, *rows]
