"""The state of one component, in words: what is so, since when, and what to do."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from archive.base.bilingual import Language, Text
from archive.base.clock import for_people, iso
from archive.base.errors import KhoError
from archive.base.messages.loader import read_messages

_PACKAGE = "api.upkeep.status"


class State(StrEnum):
    """How a component is; the last one is the worst."""

    OK = "ok"
    UNKNOWN = "unknown"  # it cannot be asked, for another one is away
    WARNING = "warning"  # it works, and a person should act
    FAULT = "fault"  # it does not work

    @property
    def mark(self) -> str:
        """Its sign in a list."""
        return {"ok": "✓", "unknown": "?", "warning": "!", "fault": "✗"}[self.value]


@dataclass(frozen=True, slots=True)
class Component:
    """One component: `name` and `code` are stable, `since` is None where it is not known.

    `subject` is what the detail is about, such as a certificate, by its own name.
    """

    name: str
    state: State
    code: str
    detail: Text
    remedy: Text | None
    since: datetime | None = None
    subject: str | None = None

    @classmethod
    def of(cls, name: str, code: str, **facts: object) -> "Component":
        """Return a component with the words of `status.yaml`, filled with `facts`."""
        words = _words()[name][code]
        remedy = words.get("remedy")
        return cls(
            name,
            State(words["state"]),
            code,
            words["detail"].fill(**facts),
            remedy.fill(**facts) if remedy is not None else None,
        )

    @classmethod
    def failed(cls, name: str, error: KhoError, state: State = State.FAULT) -> "Component":
        """Return a component that raised `error`, in the error's words."""
        what, _, remedy = error.sentences()
        return cls(name, state, type(error).code, what, remedy)

    def seen_since(self, moment: datetime | None) -> "Component":
        """Return this component as it has been since `moment`."""
        return replace(self, since=moment)

    def about(self, subject: str) -> "Component":
        """Return this component with what its detail is about."""
        return replace(self, subject=subject)

    @property
    def title(self) -> Text:
        """What people call it."""
        title: Text = _words()[self.name]["title"]
        return title

    def lines(self, language: Language) -> list[str]:
        """Return the component as a command shows it, with the remedy where a person should act."""
        words = [f"{self.title.to(language)}:", self.detail.to(language)]
        if self.subject is not None:
            words.append(f"({self.subject})")
        lines = [" ".join([self.state.mark, *words])]
        if self.state in (State.WARNING, State.FAULT):
            since = for_people(self.since) if self.since is not None else "?"
            remedy = self.remedy.to(language) if self.remedy is not None else ""
            lines.append(f"  {since}  {remedy}")
        return lines

    def as_json(self) -> dict[str, Any]:
        """Return the component as `docs/scripting.md` gives it."""
        return {
            "name": self.name,
            "state": self.state.value,
            "since": iso(self.since) if self.since is not None else None,
            "code": self.code,
            "detail": self.detail.as_json(),
            "subject": self.subject,
            "remedy": self.remedy.as_json() if self.remedy is not None else None,
        }


def worst(components: list[Component]) -> State:
    """Return the worst state of all."""
    return max((component.state for component in components), key=list(State).index)


@cache
def _words() -> dict[str, Any]:
    return read_messages(_PACKAGE, "status.yaml")
