"""The results of a bench: a table for people, JSON for programs, and the gap to each budget."""

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure.

    `budget` names an entry of `budgets.yaml`; `value` is what is compared with it.
    """

    budget: str
    value: float | None  # None: it could not be measured, `note` says why
    ours: str = ""
    peer: str = ""
    note: str = ""
    details: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Budget:
    """The limit of a path, at least or at most a number, and its goal."""

    what: str
    unit: str
    at_least: float | None = None
    at_most: float | None = None
    aim: float | None = None
    not_built: bool = False

    @property
    def text(self) -> str:
        """Return the budget in words."""
        if self.not_built:
            return "-"
        bound = f"≥ {self.at_least:g}" if self.at_least is not None else f"≤ {self.at_most:g}"
        return f"{bound} {self.unit}".strip() + (f", aim {self.aim:g}" if self.aim else "")

    def is_met(self, value: float) -> bool:
        """Return whether `value` keeps the budget."""
        return (self.at_least is None or value >= self.at_least) and (
            self.at_most is None or value <= self.at_most
        )

    def gap(self, value: float) -> str:
        """Return how far `value` is beyond the budget, or short of it."""
        bound = self.at_least if self.at_least is not None else self.at_most
        assert bound is not None
        if bound == 0:
            return "none" if self.is_met(value) else f"{value:g} too many"
        share = value / bound - 1 if self.at_least is not None else 1 - value / bound
        return f"{share:+.0%} {'in hand' if share >= 0 else 'missing'}"


def budgets() -> dict[str, Budget]:
    """Return the budgets by name."""
    raw = yaml.safe_load(files("bench").joinpath("budgets.yaml").read_text(encoding="utf-8"))
    return {name: Budget(**facts) for name, facts in raw.items()}


def table(figures: list[Figure]) -> str:
    """Return the figures as a table, and what is under budget at its end."""
    known = budgets()
    rows = [("path", "ours", "peer", "result", "budget", "", "gap")]
    for figure in figures:
        budget = known[figure.budget]
        result = "-" if figure.value is None else f"{figure.value:.3g} {budget.unit}".strip()
        verdict, gap = "skipped", ""
        if figure.value is not None:
            verdict, gap = (
                ("kept" if budget.is_met(figure.value) else "MISSED"),
                budget.gap(figure.value),
            )
        rows.append((budget.what, figure.ours, figure.peer, result, budget.text, verdict, gap))
    rows += [
        (budget.what, "", "", "-", "-", "not built yet", "")
        for budget in known.values()
        if budget.not_built
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    notes = [f"{known[figure.budget].what}: {figure.note}" for figure in figures if figure.note]
    measured = [figure for figure in figures if figure.value is not None]
    missed = [figure for figure in measured if not known[figure.budget].is_met(figure.value or 0)]
    end = [f"{len(measured) - len(missed)} of {len(measured)} measured budgets kept."]
    end += [
        f"MISSED: {known[figure.budget].what} ({known[figure.budget].gap(figure.value or 0)})"
        for figure in missed
    ]
    end += [
        f"SKIPPED: {known[figure.budget].what} ({figure.note})"
        for figure in figures
        if figure.value is None
    ]
    return "\n".join([*lines, "", *notes, "", machine(), *end])


def machine() -> str:
    """Return the machine of the measurement, and how busy it was."""
    load = " ".join(f"{value:.2f}" for value in os.getloadavg())
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, load "
        f"{load}"
    )


def write_json(figures: list[Figure], file: Path, form: str) -> None:
    """Write the figures for programs."""
    known = budgets()
    rows: list[dict[str, Any]] = []
    for figure in figures:
        budget = known[figure.budget]
        kept = None if figure.value is None else budget.is_met(figure.value)
        rows.append(
            {
                **asdict(figure),
                "what": budget.what,
                "unit": budget.unit,
                "stated": budget.text,
                "kept": kept,
            }
        )
    said = {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "form": form,
        "machine": machine(),
    }
    file.write_text(
        json.dumps({**said, "figures": rows}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
