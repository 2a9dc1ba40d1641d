"""Questions on a terminal, for options that were not given."""

import sys
from collections.abc import Callable, Iterable

import click

from archive.base.errors import Misconfigured


def may_ask() -> bool:
    """Return whether there is a terminal to ask on."""
    return sys.stdin.isatty()


def ask(question: str, check: Callable[[str], str] = str, default: str | None = "") -> str:
    """Return what the person types, without spaces around it.

    `check` returns the value or raises Misconfigured or ValueError, and the question comes again.
    `default`: where nothing is typed; None: something must be typed.
    """

    def judged(typed: str) -> str:
        try:
            return check(typed.strip())
        except Misconfigured as error:
            raise click.BadParameter(" / ".join(map(str, error.facts.values()))) from error
        except ValueError as error:
            raise click.BadParameter(str(error)) from error

    answer: str = click.prompt(
        question, default=default, show_default=bool(default), value_proc=judged, err=True
    )
    return answer


def require_options(missing: Iterable[str]) -> None:
    """Raise Misconfigured, which names the options that are missing, where there are any."""
    named = ", ".join(missing)
    if named:
        raise Misconfigured(
            why_vi=f"thiếu {named} (không có thiết bị đầu cuối để hỏi)",
            why_en=f"{named} must be given (there is no terminal to ask)",
        )
