"""The few facts of a chart that a scan may begin: fields of a form, read as a JSON record states
them.
"""

import re
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from wtforms import SelectField, StringField
from wtforms.validators import ValidationError

from api.access.accounts import Account
from api.web.departments import every_choice
from api.web.forms import PageForm, at_most
from api.web.language import language
from api.web.wording import say
from archive.base.clock import VIETNAM
from archive.base.errors import Fault
from archive.base.facts import ChartKind, Sex
from search.dates import full_day, read

_MOMENT = re.compile(r"(?P<day>\S+)(?:\s+(?P<hour>\d{1,2})[:hg.](?P<minute>\d{2})?)?", re.ASCII)
_LENGTHS = {4: "{0}", 6: "{0}-{1}", 8: "{0}-{1}-{2}"}  # of a date's token: its form in a record
# The field of each fact, by its place in a JSON record.
_FIELDS = {
    "/chart/episode": "episode",
    "/patient/name": "name",
    "/patient/birth_date": "birth",
    "/patient/sex": "sex",
    "/patient/local_id": "local_id",
    "/chart/kind": "kind",
    "/chart/department": "department",
    "/chart/admitted_at": "admitted",
    "/chart/discharged_at": "discharged",
}


class ChartFactsForm(PageForm):
    """An episode, and what a person says of its chart."""

    episode = StringField(validators=[at_most(100)])
    name = StringField(validators=[at_most(255)])
    birth = StringField(validators=[at_most(10)])
    sex = SelectField(validate_choice=False)
    local_id = StringField(validators=[at_most(100)])
    kind = SelectField(validate_choice=False)
    department = SelectField(validate_choice=False)
    admitted = StringField(validators=[at_most(20)])
    discharged = StringField(validators=[at_most(20)])

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.sex.choices = [("", ""), *((each.value, say(f"sex.{each.value}")) for each in Sex)]
        kinds = [(each.value, say(f"kind.{each.value}")) for each in ChartKind]
        self.kind.choices = [("", ""), *kinds]
        for field in (self.sex, self.kind, self.department):
            field.data = "" if field.data in (None, "None") else field.data

    def offer_departments(self, account: Account) -> None:
        """Offer the departments for which the person may archive."""
        mine = account.scope.departments
        choices = every_choice(mine or ())
        self.department.choices = [
            ("", "", {}),
            *(choice for choice in choices if mine is None or choice[0] in mine),
        ]

    @property
    def begins(self) -> bool:
        """Whether a fact was given that only a new chart needs."""
        return any((getattr(self, name).data or "").strip() for name in _OF_NEW)

    def validate_birth(self, field: Any) -> None:
        """Refuse what is no day, month or year."""
        if (field.data or "").strip() and _partial(field.data) is None:
            raise ValidationError(say("bringing.no_birth"))

    def validate_admitted(self, field: Any) -> None:
        """Refuse what is no day with or without its time."""
        if (field.data or "").strip() and _moment(field.data) is None:
            raise ValidationError(say("bringing.no_moment"))

    validate_discharged = validate_admitted

    def document(self) -> dict[str, Any]:
        """Return what was typed, as a JSON record states it. Call it for valid fields."""
        patient = {
            "name": self.name.data or "",
            "birth_date": _partial(self.birth.data or ""),
            "sex": self.sex.data or None,
            "local_id": (self.local_id.data or "").strip() or None,
        }
        chart = {
            "episode": self.episode.data or "",
            "kind": self.kind.data,
            "department": self.department.data or None,
            "admitted_at": _moment(self.admitted.data or ""),
            "discharged_at": _moment(self.discharged.data or ""),
        }
        return {"patient": patient, "chart": chart}

    def mark(self, faults: Sequence[Fault]) -> None:
        """Put each fault at its field."""
        for fault in faults:
            field = getattr(self, _FIELDS.get(fault.path, "episode"))
            missing = field.name in ("kind", "name", "episode") and not (field.data or "").strip()
            sentence = say("signing.required") if missing else fault.message.to(language())
            if sentence not in field.errors:
                field.errors = [*field.errors, sentence]


_OF_NEW = tuple(name for name in _FIELDS.values() if name != "episode")


def _partial(text: str) -> str | None:
    """Return a day, a month or a year as a record states it; None for anything else."""
    typed = read(text.strip())
    if typed is None:
        return None
    parts = f"{typed.first:%Y} {typed.first:%m} {typed.first:%d}".split()
    return _LENGTHS[len(typed.token)].format(*parts)


def _moment(text: str) -> str | None:
    """Return a day, with its time where that was typed; None for anything else."""
    match = _MOMENT.fullmatch(text.strip())
    day = full_day(match["day"]) if match else None
    if match is None or day is None:
        return None
    try:
        at = time(int(match["hour"] or 0), int(match["minute"] or 0))
    except ValueError:
        return None
    return datetime.combine(day, at, VIETNAM).isoformat()
