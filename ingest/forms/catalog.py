"""The catalogue of forms: reads every `form.yaml`, and finds the form that is in force on a day."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import ValidationError

from archive.base.errors import Fault, KhoError, Misconfigured
from ingest.forms.assembly import assembled
from ingest.forms.chart_schema import chart_schema, lookup_schema
from ingest.forms.model import Form
from ingest.forms.validation import faults

_SHIPPED = Path(__file__).parent
_GROUPS = _SHIPPED / "groups"
_GROUP_NAME = re.compile(r"[a-z0-9_]+")
# libyaml, where PyYAML has it, reads ten times as fast
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class UnknownForm(KhoError):
    """No form of that code is known, or none is in force on that day."""

    code = "form.unknown"


class FormCatalog:
    """All forms that this home knows; immutable once loaded."""

    def __init__(self, forms: Iterable[Form]) -> None:
        """Take `forms`; raises :class:`Misconfigured` when two versions of one form are in force on
        the same day.
        """
        self.forms = tuple(sorted(forms, key=lambda form: (form.code, form.valid.since)))
        self._versions: dict[str, list[Form]] = {}
        for form in self.forms:
            self._versions.setdefault(form.code, []).append(form)
        for earlier, later in zip(self.forms, self.forms[1:], strict=False):
            if earlier.code == later.code and earlier.valid.overlaps(later.valid):
                raise Misconfigured(
                    why_vi=f"hai bản của mẫu {later.code} cùng có hiệu lực",
                    why_en=f"two versions of form {later.code} are in force on one day",
                )
        # The days of a year fall into few spans of equal forms: the schema of each is made once.
        self._by_day: dict[frozenset[int], FormCatalog] = {}

    @classmethod
    def load(cls, extra: Path | None = None) -> Self:
        """Read the forms that Kho ships, and those in the folders of `extra`, a facility's own.

        Raises :class:`Misconfigured` with the file's name when one does not say what it must.
        """
        return cls([*_shipped(), *(_forms_of(extra) if extra else ())])

    def get(self, code: str, on: date | None = None) -> Form:
        """Return the form `code` as it is in force `on` a day, or its newest version without one.

        Raises :class:`UnknownForm`.
        """
        for form in reversed(self._versions.get(code, ())):
            if on is None or form.valid.covers(on):
                return form
        raise UnknownForm(form=code)

    def in_force(self, on: date) -> "FormCatalog":
        """Return the catalogue of the forms in force `on` a day: a source that arrives on that day
        may use them.

        A form that is announced for next year is known, but no source may use it yet.
        """
        covered = frozenset(place for place, form in enumerate(self.forms) if form.valid.covers(on))
        if covered not in self._by_day:
            self._by_day[covered] = FormCatalog(self.forms[place] for place in sorted(covered))
        return self._by_day[covered]

    def newest(self) -> Iterator[Form]:
        """Yield the newest version of each form."""
        for versions in self._versions.values():
            yield versions[-1]

    def chart_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of a chart in the JSON record format, by the newest version of
        each form.
        """
        return self._chart_schema

    def chart_faults(self, document: object) -> tuple[Fault, ...]:
        """Return everything in `document` (parsed JSON) that :meth:`chart_schema` does not allow.

        See :func:`ingest.forms.validation.faults`. The cost of a paper does not grow with the
        number of forms.
        """
        return faults(document, self._lookup_schema)

    @cached_property
    def _chart_schema(self) -> dict[str, Any]:
        return chart_schema(self.newest())

    @cached_property
    def _lookup_schema(self) -> dict[str, Any]:
        return lookup_schema(self.newest())


@cache
def _shipped() -> tuple[Form, ...]:
    return tuple(_forms_of(_SHIPPED))


def _forms_of(folder: Path) -> Iterator[Form]:
    return (load_form(path) for path in sorted(folder.glob("*/form.yaml")))


def load_form(path: Path) -> Form:
    """Read one `form.yaml` and the `layout.typ` beside it; raises :class:`Misconfigured`."""
    layout = path.with_name("layout.typ")
    try:
        definition = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 - a safe loader
        text = layout.read_text("utf-8") if layout.exists() else None
        whole = assembled(definition, _group)
        return Form.model_validate({**whole, "layout_text": text})
    except (ValidationError, yaml.YAMLError, TypeError, ValueError) as error:
        where = f"{path.parent.name}/{path.name}"
        raise Misconfigured(
            why_vi=f"mẫu {where}: {error}", why_en=f"form {where}: {error}"
        ) from error


@cache
def _group(name: str) -> Mapping[str, Any]:
    """Return a group of blocks that forms share; raises :class:`ValueError`."""
    if not _GROUP_NAME.fullmatch(name) or not (path := _GROUPS / f"{name}.yaml").exists():
        raise ValueError(f"there is no group {name}")
    group: Mapping[str, Any] = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 - a safe loader
    return group
