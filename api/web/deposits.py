"""Depositing the charts that a clerk chose in the table: a result for each."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from api.web.chart_list import PAGE, ListForm
from api.web.site import caller, site
from api.web.wording import say
from api.writing.deposit_many import deposit_many
from archive.access.actor import Permission

pages = Blueprint("deposits", __name__, url_prefix="/charts/deposit")


@pages.get("")
def back() -> ResponseReturnValue:
    """Redirect to the table: the results are the answer to a form, and have no address."""
    caller(Permission.DEPOSIT)
    return redirect(_table(), 303)


@pages.post("")
def deposit() -> ResponseReturnValue:
    """Deposit the chosen charts and show what became of each.

    The form may come twice: a chart that is deposited gives the same answer, and no act.
    """
    account = caller(Permission.DEPOSIT)
    try:
        chosen = [str(UUID(each)) for each in request.form.getlist("chart")]
    except ValueError:
        abort(400)
    if len(chosen) > PAGE:
        abort(400)
    if not chosen:
        flash(say("deposit.none"))
        return redirect(_table(), 303)
    with site().writing(account.name):
        deposits = site().open_for_writing().deposits
        results = list(deposit_many(deposits, chosen, account.actor, account.scope))
    charts = site().archive.records.found_charts(
        dict.fromkeys(chosen, ()), account.actor, account.scope
    )
    return render_template(
        "deposited.html",
        results=results,
        charts={each.chart.id: each.chart for each in charts},
        done=sum(result.deposited is not None for result in results),
        back=_table(),
    )


def _table() -> str:
    """Return the address of the table from which the form came, with its filters."""
    filters: dict[str, Any] = ListForm().filled
    return url_for("lists.show", **filters)
