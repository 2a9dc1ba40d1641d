"""`/v1/charts`: charts, one by one and page by page, and their deposit."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from api.access.reading_turns import ViewingBusy
from api.inspection.chart_export import ChartExportService
from api.problem_details import as_problem
from api.reading.views import chart_summary, chart_view
from api.rest.access import caller, needs
from api.rest.answers import answer, go_on, next_page, page
from api.rest.errors import JSON_BODY, CursorInvalid, RequestInvalid
from api.rest.models.charts import (
    Chart,
    ChartCheck,
    ChartPage,
    ChartPath,
    ChartQuery,
    ChosenCharts,
    Deposited,
    DepositResults,
    ExportQuery,
    Lookup,
    Worklist,
)
from api.rest.once import ERRORS, OnceHeader, once
from api.rest.operation import Answer, documented, tag
from api.rest.service import service
from api.writing.deposit_many import deposit_many
from archive.access.actor import Permission
from archive.base.clock import parse_iso
from archive.base.errors import IntegrityError, NotFound, NotReady
from archive.base.identifiers import sha256
from archive.base.leases import LeaseHeld
from archive.catalog.listings import ChartFilter
from archive.vault.contract import VaultError
from retention.deposit import PapersIncomplete, PapersMissing

charts = APIBlueprint("charts", __name__, url_prefix="/v1/charts", abp_tags=[tag("charts")])
ZIP = "application/zip"
_REPLAYED = ("Idempotency-Replayed",)


@charts.get(
    "",
    **documented(
        "listCharts", {200: Answer(ChartPage, headers=("Link",))}, CursorInvalid, RequestInvalid
    ),
)
@needs(Permission.READ)
def list_charts(query: ChartQuery) -> Response:
    """Charts within the caller's scope, newest first."""
    account, archive = caller(), service().archive
    behind = go_on("charts", query)
    wanted = ChartFilter(**query.model_dump(exclude={"limit", "cursor"}))
    after = None if behind is None else (parse_iso(behind[0]), str(behind[1]))
    listed = archive.records.charts(wanted, query.limit + 1, after, account.actor, account.scope)
    shown = listed[: query.limit]
    more = len(listed) > query.limit
    last = (
        next_page("charts", query, [shown[-1].opened_at.isoformat(), shown[-1].id])
        if more
        else None
    )
    return page(ChartPage, [chart_summary(chart) for chart in shown], last)


@charts.get("/worklist", **documented("getWorklist", {200: Worklist}))
@needs(Permission.READ)
def get_worklist() -> Response:
    """How many charts wait for what."""
    account, archive = caller(), service().archive
    counted = archive.worklist.counted(account.actor, account.scope)
    return answer(Worklist, {"items": [each.as_json() for each in counted]})


@charts.get("/<record:chart_id>", **documented("getChart", {200: Chart}, NotFound))
@needs(Permission.READ)
def get_chart(path: ChartPath) -> Response:
    """Everything known of one chart."""
    account, archive = caller(), service().archive
    history = archive.records.chart(path.chart_id, account.actor, account.scope)
    return answer(Chart, chart_view(history, archive.letterhead, archive.papers))


@charts.get(
    "/<record:chart_id>/check",
    **documented("checkChart", {200: ChartCheck}, NotFound, ViewingBusy, VaultError),
)
@needs(Permission.READ)
def check_chart(path: ChartPath) -> Response:
    """What a chart and its papers lack."""
    account, archive = caller(), service().archive
    with archive.viewing.held(account.name):
        checked = archive.chart_checks.check(path.chart_id, account.actor, account.scope)
    return answer(ChartCheck, checked.as_json())


@charts.get(
    "/<record:chart_id>/export",
    **documented(
        "exportChart",
        {200: Answer(media_type=ZIP, headers=("Content-Disposition",))},
        NotFound,
        RequestInvalid,
        ViewingBusy,
        VaultError,
        IntegrityError,
    ),
)
@needs(Permission.ORIGINAL)
def export_chart(path: ChartPath, query: ExportQuery) -> Response:
    """A chart's data for another system, with its originals."""
    account, archive = caller(), service().archive
    with archive.viewing.held(account.name):
        exported = ChartExportService(archive).export(
            path.chart_id, query.format, account.actor, account.scope
        )
    response = Response(exported.zipped(), content_type=ZIP)
    response.headers["Content-Disposition"] = f'attachment; filename="{exported.file_name}"'
    return response


@charts.post("/lookup", **documented("lookUpChart", {200: Chart}, NotFound, *JSON_BODY))
@needs(Permission.READ)
def look_up_chart(body: Lookup) -> Response:
    """The chart of an episode, by the HIS's own key."""
    account, archive = caller(), service().archive
    history = archive.records.chart_of_episode(body.episode, account.actor, account.scope)
    return answer(Chart, chart_view(history, archive.letterhead, archive.papers))


@charts.post(
    "/<record:chart_id>/deposit",
    **documented(
        "depositChart",
        {200: Answer(Deposited, headers=_REPLAYED)},
        NotFound,
        NotReady,
        PapersMissing,
        PapersIncomplete,
        LeaseHeld,
        VaultError,
        RequestInvalid,
        *ERRORS,
    ),
)
@needs(Permission.DEPOSIT)
def deposit_chart(path: ChartPath, header: OnceHeader) -> Response:
    """Deposit a chart; again: the same answer."""
    account, held = caller(), service()

    def deposit() -> Response:
        with held.writing(account.name):
            done = held.open_for_writing().deposits.deposit(
                path.chart_id, account.actor, account.scope
            )
        return answer(Deposited, done.as_json())

    return once(header, sha256(b""), deposit)


@charts.post(
    "/deposit",
    **documented(
        "depositCharts", {200: Answer(DepositResults, headers=_REPLAYED)}, *JSON_BODY, *ERRORS
    ),
)
@needs(Permission.DEPOSIT)
def deposit_charts(body: ChosenCharts, header: OnceHeader) -> Response:
    """Deposit many charts: a result for each; again: the same results."""
    account, held = caller(), service()

    def deposit() -> Response:
        with held.writing(account.name):
            deposits = held.open_for_writing().deposits
            results = list(deposit_many(deposits, body.chart_ids, account.actor, account.scope))
        items = [
            {
                "chart_id": result.chart_id,
                "deposited": result.deposited.as_json() if result.deposited else None,
                "problem": as_problem(result.error) if result.error else None,
            }
            for result in results
        ]
        return answer(DepositResults, {"items": items})

    return once(header, sha256("\n".join(body.chart_ids).encode()), deposit)
