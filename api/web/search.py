"""Search: one box, filters below it, and what was found as charts with their documents."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import AnyOf, NumberRange, Optional, ValidationError

from api.access.accounts import Account
from api.reading.own_dates import in_reading_order
from api.web.departments import choices
from api.web.forms import PageForm, at_most
from api.web.frame import first_page
from api.web.marks import highlighted, marker
from api.web.packets import packet_work
from api.web.search_examples import typed as typed_examples
from api.web.searches import Search
from api.web.site import caller, site
from api.web.wording import both, say
from archive.access.actor import Permission
from archive.base.clock import vietnam_date
from archive.base.facts import ChartKind, Outcome
from archive.catalog.entries import ChartEntry, ChartWithDocuments, DocumentEntry
from search import dates
from search.contract import DEEPEST, Highlight, Hit
from search.plan import BODY
from search.query import parse

PAGE = 100  # documents
_SHOWN = 5  # documents of one chart before "and more"

pages = Blueprint("search", __name__)


@dataclass(frozen=True, slots=True)
class ChartHits:
    """One chart with those of its documents that were found, best first, and the fields that
    matched.

    `passages` has, by the id of its document, the passage in which a text matched.
    """

    chart: ChartEntry
    documents: Sequence[DocumentEntry]
    why: Sequence[str]
    passages: Mapping[str, Highlight]

    @property
    def shown(self) -> Sequence[DocumentEntry]:
        """The best documents, which the list names, in the order of the chart's page."""
        return in_reading_order(self.documents[:_SHOWN])

    @property
    def several(self) -> set[str]:
        """The forms of which the list names more than one paper: the list shows their keys to
        distinguish them.
        """
        return {
            form
            for form, count in Counter(document.form for document in self.shown).items()
            if count > 1
        }


class SearchForm(PageForm):
    """The box and the filters; everything may stay empty, which finds everything, newest first."""

    text = StringField(validators=[at_most(500)])
    form = SelectField(validators=[at_most(100)], validate_choice=False)
    department = SelectField(validators=[at_most(100)], validate_choice=False)
    icd10 = StringField(validators=[at_most(10)])
    kind = SelectField(validators=[Optional(), AnyOf(tuple(ChartKind))], validate_choice=False)
    outcome = SelectField(validators=[Optional(), AnyOf(tuple(Outcome))], validate_choice=False)
    date_from = StringField(validators=[at_most(10)])
    date_to = StringField(validators=[at_most(10)])

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        forms = [
            (form.code, f"{form.code} – {both(form.title.text)}")
            for form in site().archive.forms.newest()
        ]
        self.form.choices = [("", say("search.any_form")), *forms]
        self.department.choices = choices(caller(Permission.FIND), self.department.data)
        for name, values in (("kind", ChartKind), ("outcome", Outcome)):
            listed = [(value, say(f"{name}.{value}")) for value in values]
            self[name].choices = [("", say("list.any")), *listed]

    def validate_date_from(self, field: Any) -> None:
        """Refuse what is no date, also in the other field."""
        if field.data and dates.read(field.data.strip()) is None:
            raise ValidationError(say("search.no_date"))

    validate_date_to = validate_date_from

    @property
    def search(self) -> Search:
        """What was typed."""
        return Search(
            **{
                name: (getattr(self, name).data or "").strip()
                for name in Search.__dataclass_fields__
            }
        )


@pages.get("/")
def start() -> ResponseReturnValue:
    """Redirect from `/` to the first page that the role may open."""
    return redirect(url_for(first_page(current_user.may)), 303)


@pages.route("/search", methods=["GET", "POST"])
def ask() -> ResponseReturnValue:
    """Show the form. A query is redirected to a page whose address reveals nothing about it."""
    form = SearchForm()
    account = caller(Permission.FIND)
    if form.validate_on_submit():
        return redirect(
            url_for("search.results", key=site().searches.keep(account.actor.name, form.search)),
            303,
        )
    page = render_template(
        "search.html",
        form=form,
        work=site().archive.worklist.counted(account.actor, account.scope),
        packets=packet_work(account),
        examples=typed_examples(vietnam_date(site().archive.clock.now())),
    )
    return page, 422 if form.errors else 200


class ChipForm(PageForm):
    """A filter of a search that is taken back: one read at a place in the box, or a field's."""

    name = StringField(validators=[at_most(40)])
    start = IntegerField(validators=[Optional(), NumberRange(min=0)])
    how = StringField(validators=[at_most(10)])  # `words`: looked for as words instead


@pages.post("/search/<uuid:key>/without")
def without(key: UUID) -> ResponseReturnValue:
    """Redirect to the search without one of its filters."""
    account, form = caller(Permission.FIND), ChipForm()
    search = site().searches.find(account.actor.name, key)
    if search is None or not form.validate_on_submit():
        return redirect(url_for("search.ask"), 303)
    as_words = form.how.data == "words"
    changed = search.without(form.name.data or "", form.start.data, as_words=as_words)
    kept = site().searches.keep(account.actor.name, changed)
    return redirect(url_for("search.results", key=kept), 303)


@pages.get("/search/<uuid:key>")
def results(key: UUID) -> ResponseReturnValue:
    """Show one page of the results. For a search that is no longer kept, redirect to the form."""
    account = caller(Permission.FIND)
    search = site().searches.find(account.actor.name, key)
    if search is None:
        return redirect(url_for("search.ask"), 303)
    number = min(max(request.args.get("page", 1, type=int), 1), DEEPEST // PAGE)
    first = (number - 1) * PAGE
    query = parse(search.typed, limit=PAGE, offset=first)
    answer = site().archive.search.answer(query, account.actor, account.scope)
    return render_template(
        "search.html",
        form=SearchForm(
            formdata=None,
            data={name: getattr(search, name) for name in Search.__dataclass_fields__},
        ),
        key=key,
        search=search,
        total=answer.total,
        ignored_words=answer.ignored_words,
        behind=answer.behind,
        marked=marker(query, account.scope),
        highlighted=highlighted,
        charts=_charts(answer.hits, account),
        number=number,
        has_next=first + PAGE < min(answer.total, DEEPEST),
    )


def _charts(hits: Sequence[Hit], account: Account) -> list[ChartHits]:
    """Return the charts of the hits, in the order of their best documents."""
    by_chart: dict[str, list[Hit]] = {}
    for hit in hits:
        by_chart.setdefault(hit.chart_id, []).append(hit)
    if not by_chart:
        return []
    wanted = {chart_id: {hit.document_id for hit in hits} for chart_id, hits in by_chart.items()}
    charts = site().archive.records.found_charts(wanted, account.actor, account.scope)
    known = {each.chart.id: each for each in charts}
    # The index may be a moment ahead or behind: what the catalogue does not show is not shown.
    return [
        _found(known[chart_id], hits) for chart_id, hits in by_chart.items() if chart_id in known
    ]


def _found(held: ChartWithDocuments, hits: Sequence[Hit]) -> ChartHits:
    documents = {document.id: document for document in held.documents}
    why = dict.fromkeys(name for hit in hits for name in hit.why)
    return ChartHits(
        held.chart,
        [documents[hit.document_id] for hit in hits if hit.document_id in documents],
        list(why),
        {
            hit.document_id: highlight
            for hit in hits
            for highlight in hit.highlights
            if highlight.field == BODY
        },
    )
