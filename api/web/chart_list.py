"""The table of charts: filters, an order, and pages by number.

Its address holds no patient data.
"""

from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField
from wtforms.validators import ValidationError

from api.access.accounts import Account
from api.reading.typed_filters import chart_filter, first_moment
from api.web.departments import choices
from api.web.forms import PageForm, at_most
from api.web.site import caller, site
from api.web.wording import say
from archive.access.actor import Permission
from archive.base.clock import vietnam_date
from archive.base.facts import ChartKind, Outcome
from archive.catalog.entries import ChartEntry
from archive.catalog.listings import ORDERS, ChartFilter, Order

PAGE = 50  # charts
_LAST_PAGE = 20_000
pages = Blueprint("lists", __name__, url_prefix="/charts")


class ListForm(PageForm):
    """The filters of the table and its order; an empty field is no condition."""

    class Meta(PageForm.Meta):
        """Its address is a link that changes nothing, so it carries no token."""

        csrf = False

    state = SelectField()
    papers = SelectField()
    receipts = SelectField()
    kind = SelectField()
    outcome = SelectField()
    department = SelectField(validators=[at_most(100)], validate_choice=False)
    discharged_from = StringField(validators=[at_most(10)])
    discharged_to = StringField(validators=[at_most(10)])
    received_from = StringField(validators=[at_most(10)])
    received_to = StringField(validators=[at_most(10)])
    sort = SelectField()

    def __init__(self) -> None:
        super().__init__(formdata=request.args)
        self._choose("state", "chart.", ("open", "deposited"))
        self._choose("papers", "list.papers_", ("missing", "complete"))
        self._choose("receipts", "list.receipts_", ("awaited",))
        self._choose("kind", "kind.", ChartKind)
        self._choose("outcome", "outcome.", Outcome)
        self._choose("department", "", ())
        self.sort.choices = [
            (f"{sign}{name}", f"{say(f'list.{name}')} {arrow}")
            for name in ORDERS
            for sign, arrow in (("-", "↓"), ("", "↑"))
        ]
        if not self.sort.data or self.sort.data == "None":
            self.sort.data = "-received"

    def _choose(self, name: str, group: str, values: Any) -> None:
        field = self[name]
        field.choices = [("", say("list.any"))] + [(each, say(f"{group}{each}")) for each in values]
        if field.data is None or field.data == "None":
            field.data = ""

    def offer_departments(self, account: Account) -> None:
        """Offer the departments of the charts that the person may see."""
        self.department.choices = choices(account, self.department.data)

    def _refuse_what_is_no_date(self, field: Any) -> None:
        if field.data and first_moment(field.data) is None:
            raise ValidationError(say("search.no_date"))

    validate_discharged_from = validate_discharged_to = _refuse_what_is_no_date
    validate_received_from = validate_received_to = _refuse_what_is_no_date

    @property
    def filled(self) -> dict[str, str]:
        """The fields that say something, as the address has them."""
        values = {name: (field.data or "").strip() for name, field in self._fields.items()}
        return {name: value for name, value in values.items() if value}

    @property
    def wanted(self) -> ChartFilter:
        """The filter of the catalogue."""
        typed = {name: text for name, text in self.filled.items() if name != "sort"}
        return chart_filter(typed)

    @property
    def order(self) -> Order:
        """The order of the table."""
        return Order(self.sort.data.removeprefix("-"), self.sort.data.startswith("-"))


@pages.get("")
def show() -> ResponseReturnValue:
    """Show one page of the charts that match the filters."""
    account = caller(Permission.READ)
    form = ListForm()
    form.offer_departments(account)
    if not form.validate():
        return render_template("charts.html", form=form), 422
    number = min(max(request.args.get("page", 1, type=int), 1), _LAST_PAGE)
    table = site().archive.records.chart_table(
        form.wanted, form.order, PAGE, (number - 1) * PAGE, account.actor, account.scope
    )
    last = max(-(-table.total // PAGE), 1)
    if number > last:  # the charts became fewer since the link was made
        there: dict[str, Any] = {**form.filled, "page": last}
        return redirect(url_for("lists.show", **there), 303)
    return render_template(
        "charts.html",
        form=form,
        table=table,
        number=number,
        last=last,
        order=form.order,
        columns=ORDERS,
        linked=lambda **changes: url_for("lists.show", **{**form.filled, **changes}),
        age=_age,
    )


def _age(chart: ChartEntry) -> int | None:
    """Return the patient's full years at admission; None where no day is known.

    Of a date of birth that is a year or a month, the first day counts.
    """
    born, at = chart.patient.birth_date, chart.facts.admitted_at or chart.facts.discharged_at
    if born is None or at is None:
        return None
    birth, day = date.fromisoformat(f"{born}-01-01"[:10]), vietnam_date(at)
    return max(day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day)), 0)
