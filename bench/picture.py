"""The profile picture: where the time of archiving, a seal and a validation goes.

`python -m bench.picture F.svg`.

A thread looks a thousand times a second at what the main thread is doing; what it sees becomes
stages (`stages.yaml`).
"""

import json
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from itertools import count
from pathlib import Path
from types import CodeType
from xml.sax.saxutils import escape

import yaml

from api.writing.intake import Intake
from archive.process.log import configure_logging
from bench.context import CLERK, Context
from bench.ours.sealing import sealer
from bench.papers import chart, entries_for_pages
from bench.report import machine
from bench.services import services
from signing.trust import TrustRoots
from signing.validation.validate import validate

PAPERS = 10
_COLOURS = (
    "#4e79a7",
    "#f28e2b",
    "#59a14f",
    "#e15759",
    "#76b7b2",
    "#edc948",
    "#b07aa1",
    "#9c755f",
    "#86bc86",
    "#d4a6c8",
)
_REST = "#bab0ac"
_WIDTH, _BAR, _LINE = 900, 34, 17


def main() -> None:
    """Measure, and write the picture."""
    configure_logging("error", json=False)
    # all in the thread that is watched
    os.environ["KHO_WORK__PROCESSES"] = os.environ["RAYON_NUM_THREADS"] = "1"
    sys.setswitchinterval(0.0002)  # else the watcher sees only where Python's lock is given away
    with tempfile.TemporaryDirectory(prefix="kho-picture-") as name:
        folder = Path(name)
        with services(folder / "pki", "Bệnh viện Đa khoa Thử Nghiệm", 1) as running:
            context = Context(folder, False, running, None, 0)
            bars = [_archiving(context), *_sealing_and_validating(context)]
    Path(sys.argv[1]).write_text(_svg(bars), encoding="utf-8")
    for title, each, stages in bars:
        print(
            f"{title}: {each:.1f} ms; "
            + ", ".join(f"{stage} {share:.0%}" for stage, share in stages)
        )


# title, milliseconds each, stages with their shares
Bar = tuple[str, float, list[tuple[str, float]]]


def _archiving(context: Context) -> Bar:
    numbers = count()
    with context.open_home("home") as home:
        intake, entries = Intake(home.open_for_writing(), CLERK, home.scope), entries_for_pages()

        def archive() -> None:
            number = next(numbers)
            (result,) = intake.take("bench.json", chart(number, PAPERS, entries))
            assert len(result.receipts) == PAPERS
            home.open_for_reading().search.find(f"BENCH{number:08}", CLERK, home.scope)

        each, stages = _watched(archive, 12, "archiving")
    return (
        f"A paper of three pages, from JSON to found (charts of {PAPERS}, one process)",
        each / PAPERS,
        stages,
    )


def _sealing_and_validating(context: Context) -> list[Bar]:
    does, pdf = sealer(*map(str, context.seal)), context.paper().read_bytes()
    sealed = does.seal(pdf, claimed_at=datetime.now(UTC)).data
    trust = TrustRoots.from_files(context.services.pki.trust_path)
    seal = _watched(lambda: does.seal(pdf, claimed_at=datetime.now(UTC)), 150, "sealing")
    validation = _watched(lambda: validate(sealed, trust), 100, "validating")
    return [("A seal, PAdES B-LTA", *seal), ("A full validation of that file", *validation)]


def _watched(
    do: Callable[[], object], times: int, what: str
) -> tuple[float, list[tuple[str, float]]]:
    """Return the milliseconds of one `do`, and the share of each stage, largest first."""
    for _ in range(2):
        do()
    stages = yaml.safe_load(files("bench").joinpath("stages.yaml").read_text(encoding="utf-8"))[
        what
    ]
    stacks: Counter[tuple[CodeType, ...]] = Counter()
    done, watched = threading.Event(), threading.get_ident()

    def look() -> None:
        while not done.wait(0.001):
            frame, stack = sys._current_frames().get(watched), list[CodeType]()
            while frame is not None:
                stack.append(frame.f_code)
                frame = frame.f_back
            stacks[tuple(stack)] += 1

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    started = time.perf_counter()
    for _ in range(times):
        do()
    each = (time.perf_counter() - started) / times * 1000
    done.set()
    watcher.join()
    shares: Counter[str] = Counter()
    for stack, seen in stacks.items():
        shares[_stage(stack, stages)] += seen
    return each, [(stage, seen / stacks.total()) for stage, seen in shares.most_common()]


def _stage(stack: Sequence[CodeType], stages: list[dict[str, list[str]]]) -> str:
    names = {f"{_module(code)}:{code.co_qualname}" for code in stack}
    return next(
        (str(line["stage"]) for line in stages if not names.isdisjoint(line["in"])), "the rest"
    )


def _module(code: CodeType) -> str:
    parts = Path(code.co_filename).with_suffix("").parts
    roots = [
        at
        for at, part in enumerate(parts)
        if part in ("site-packages", "python3.11", "python3.12", "python3.13")
    ]
    start = roots[-1] + 1 if roots else len(_OURS)
    return ".".join(parts[start:])


_OURS = Path(__file__).resolve().parents[1].parts


def _svg(bars: list[Bar]) -> str:
    """Draw each bar with its stages, and their names under it."""
    out, y = list[str](), 24
    for title, each, stages in bars:
        shown = [(stage, share) for stage, share in stages if share >= 0.01]
        out.append(f'<text x="10" y="{y}" font-weight="bold">{escape(title)}: {each:.1f} ms</text>')
        x, y = 10.0, y + 8
        for place, (stage, share) in enumerate(shown):
            colour = _REST if stage == "the rest" else _COLOURS[place % len(_COLOURS)]
            width = share * _WIDTH
            out.append(
                f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_BAR}" fill="{colour}"/>'
            )
            if share > 0.05:
                out.append(
                    f'<text x="{x + 4:.1f}" y="{y + 21}" fill="white">{share * each:.1f}</text>'
                )
            row, column = divmod(place, 3)
            left, top = 10 + column * _WIDTH / 3, y + _BAR + 8 + row * _LINE
            out.append(f'<rect x="{left:.0f}" y="{top}" width="11" height="11" fill="{colour}"/>')
            label = f"{escape(stage)} {share * each:.1f} ms ({share:.0%})"
            out.append(f'<text x="{left + 16:.0f}" y="{top + 10}">{label}</text>')
            x += width
        y += _BAR + 8 + -(-len(shown) // 3) * _LINE + 30
    size = f'width="{_WIDTH + 20}" height="{y + 4}" viewBox="0 0 {_WIDTH + 20} {y + 4}"'
    body = "\n".join(out)
    description = escape(
        json.dumps({"machine": machine(), "made": datetime.now(UTC).date().isoformat()})
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">\n'
        f"<desc>{description}</desc>\n"
        f'<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n'
    )


if __name__ == "__main__":
    main()
