"""The few facts of a chart that a scan may begin: fields of a form, read as a JSON record states
them.
"""

from collections.abc import Sequence
from typing import Any

from wtforms import SelectField, StringField
from wtforms.validators import ValidationError

from api.access.accounts import Account
from api.web.departments import every_choice
from api.web.forms import PageForm, at_most
from api.web.language import language
from api.web.wording import say
from archive.base.errors import Fault
from archive.base.facts import ChartKind, Sex
from search.dates import moment, partial

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
        if (field.data or "").strip() and partial(field.data) is None:
            raise ValidationError(say("bringing.no_birth"))

    def validate_admitted(self, field: Any) -> None:
        """Refuse what is no day with or without its time."""
        if (field.data or "").strip() and moment(field.data) is None:
            raise ValidationError(say("bringing.no_moment"))

    validate_discharged = validate_admitted

    def document(self) -> dict[str, Any]:
        """Return what was typed, as a JSON record states it. Call it for valid fields."""
        patient = {
            "name": self.name.data or "",
            "birth_date": partial(self.birth.data or ""),
            "sex": self.sex.data or None,
            "local_id": (self.local_id.data or "").strip() or None,
        }
        chart = {
            "episode": self.episode.data or "",
            "kind": self.kind.data,
            "department": self.department.data or None,
            "admitted_at": _stated(self.admitted.data or ""),
            "discharged_at": _stated(self.discharged.data or ""),
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


def _stated(text: str) -> str | None:
    at = moment(text)
    return None if at is None else at.isoformat()
