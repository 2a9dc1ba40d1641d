"""The root of every error that Kho raises, and the errors of the ground floor.

  KhoError
  +-- SubmissionRejected      bad input: refused whole, every fault named by path
  +-- NotFound                no such thing, or not for you (the same answer)
  +-- NotReady                the chart's state does not allow it yet
  +-- Denied                  the actor's role does not allow it
  +-- Unreadable              a file that is not what it must be
  +-- Misconfigured           settings that cannot work
  +-- Unavailable             a server that Kho needs did not answer as it must
  +-- IntegrityError          stored bytes are not what the archive says

An error is a code. Its sentences are data by that code (:mod:`archive.base.messages`). The entry
points map codes to an HTTP status and to an exit code (`api/error_answers.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from archive.base.bilingual import Language, Text
from archive.base.messages.loader import ErrorTexts, error_texts, fault_texts
from archive.base.printable import printable


class KhoError(Exception):
    """An error that explains itself: what happened, what was not changed, what to do.

    `facts` fill the `{name}` places of the code's sentences. They never hold patient data: errors
    are logged. `unchanged` says only what is known of every error of the code: an error may come
    after an act was recorded. `recorded` takes its place where it is known what was recorded
    before. The sentences are read when the error speaks, not when it is raised.
    """

    code: ClassVar[str] = "kho.error"

    recorded: Text | None = None

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__()

    def __str__(self) -> str:
        return self.explain("en")

    @classmethod
    def sample(cls, **facts: object) -> Self:
        """Return an error with invented facts, for the API's document."""
        return cls(**facts)

    @classmethod
    def texts(cls) -> ErrorTexts:
        """Return the sentences of this code, their `{name}` places not filled.

        Raises :class:`KeyError` for a code without sentences.
        """
        return error_texts()[cls.code]

    def sentences(self) -> tuple[Text, Text, Text]:
        """Return what happened, what was not changed, and what to do, with this error's facts."""
        texts = self.texts()
        parts = (texts.what, self.recorded or texts.unchanged, texts.remedy)
        what, unchanged, remedy = (text.fill(**self.facts) for text in parts)
        return what, unchanged, remedy

    def explain(self, language: Language = "vi") -> str:
        """Return the three sentences in `language`, filled with this error's facts."""
        return " ".join(text.to(language) for text in self.sentences())

    def as_json(self) -> dict[str, Any]:
        """Return the error as the API and `--json` give it."""
        what, unchanged, remedy = self.sentences()
        return {
            "code": type(self).code,
            "what": what.as_json(),
            "unchanged": unchanged.as_json(),
            "remedy": remedy.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a submission: its path, a stable code, and a sentence.

    The path is a JSON Pointer or is like an XPath.

    `path` may name members and files of the sender: it is kept in printable form
    (:mod:`archive.base.printable`). `message` never repeats a patient's data; the path says where
    to look.
    """

    path: str
    code: str
    message: Text

    def __post_init__(self) -> None:
        """Give the path its printable form."""
        object.__setattr__(self, "path", printable(self.path))

    @classmethod
    def of(cls, area: str, path: str, code: str, **facts: object) -> "Fault":
        """Return the fault `code` of an area (`messages/faults/{area}.yaml`) at `path`.

        Raises :class:`KeyError` for a code or a fact that the file lacks.
        """
        return cls(path, code, fault_texts(area)[code].fill(**facts))

    def as_json(self) -> dict[str, str]:
        """Return the fault as `docs/scripting.md` gives it (`message` in Vietnamese)."""
        return {"path": self.path, "code": self.code, "message": self.message.vi}


class SubmissionRejected(KhoError):
    """A submission is refused whole; `faults` names everything that is wrong with it."""

    code = "submission.refused"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(count=len(self.faults))

    @classmethod
    def sample(cls, **_facts: object) -> Self:
        """Return an error without faults."""
        return cls([])

    def as_json(self) -> dict[str, Any]:
        """Return the error with its faults."""
        return {**super().as_json(), "refused": [fault.as_json() for fault in self.faults]}


class NotFound(KhoError):
    """No such record, or a record outside the caller's scope: deliberately the same answer."""

    code = "record.unknown"


class NotReady(KhoError):
    """The state of the chart does not allow the request."""

    code = "chart.not_ready"


class Denied(KhoError):
    """The actor's role does not hold the permission."""

    code = "access.denied"


class Unreadable(KhoError):
    """A file that cannot be read as what it should be."""

    code = "file.unreadable"


class Misconfigured(KhoError):
    """Settings that cannot work together or are missing."""

    code = "settings.invalid"


class Unavailable(KhoError):
    """A server that Kho depends on did not answer, or not as it must."""

    code = "component.unavailable"


class FileMustWait(Unavailable):
    """What this one file needs is not there, for example a program that converts it.

    Other files do not wait for it.
    """

    code = "file.must_wait"


class IntegrityError(KhoError):
    """Stored bytes are not what the archive says they are. Nothing damaged is ever served."""

    code = "object.damaged"
