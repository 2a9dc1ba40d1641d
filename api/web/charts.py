"""A chart: its patient, its course, whether and until when it is deposited, and its documents."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from api.inspection.chart_export import ChartExportService, ExportFormat
from api.reading.own_dates import in_reading_order
from api.web.site import caller, site
from archive.access.actor import Permission
from archive.catalog.entries import DocumentEntry
from ingest.sources.legacy_text import legacy_texts, texts_of
from retention.schedule import schedule

pages = Blueprint("charts", __name__, url_prefix="/charts")


@pages.get("/<uuid:chart_id>")
def show(chart_id: UUID) -> ResponseReturnValue:
    """Show one chart."""
    account = caller(Permission.READ)
    records = site().archive.records
    held, packets = records.chart_with_packets(str(chart_id), account.actor, account.scope)
    chart, facts, patient = held.chart, held.chart.facts, held.chart.patient
    rule = next((rule for rule in schedule() if rule.id == chart.rule), None)
    stated = {"patient": patient.model_dump(mode="json"), "chart": facts.model_dump(mode="json")}
    return render_template(
        "chart.html",
        chart=chart,
        documents=in_reading_order(held.documents),
        facts=facts,
        patient=patient,
        rule=rule,
        several=_several(held.documents),
        missing=site().archive.papers.missing(chart, held.documents),
        packets=packets,
        # who may not read all kinds of papers takes no chart away as a whole
        exports=account.actor.may(Permission.ORIGINAL) and not account.scope.hidden_forms,
        legacy=legacy_texts(texts_of(stated)),
    )


@pages.get("/<uuid:chart_id>/check")
def check(chart_id: UUID) -> ResponseReturnValue:
    """Show what one chart and its papers lack."""
    account = caller(Permission.READ)
    with site().archive.viewing.held(account.name):
        checks = site().archive.chart_checks
        checked = checks.check(str(chart_id), account.actor, account.scope)
    papers = [finding.document for finding in checked.lacking.findings]
    several = _several({paper.id: paper for paper in papers}.values())
    return render_template("completeness.html", checked=checked, several=several)


@pages.get("/<uuid:chart_id>/export.<any(json, xml):syntax>")
def export(chart_id: UUID, syntax: str) -> ResponseReturnValue:
    """Give the ZIP of a chart's data for another system, with its originals."""
    account = caller(Permission.ORIGINAL)
    wanted: ExportFormat = "hosobenhan-xml" if syntax == "xml" else "hosobenhan-json"
    with site().archive.viewing.held(account.name):
        exports = ChartExportService(site().archive)
        exported = exports.export(str(chart_id), wanted, account.actor, account.scope)
    response = Response(exported.zipped(), mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{exported.file_name}"'
    return response


def _several(documents: Iterable[DocumentEntry]) -> dict[str, bool]:
    """Return for each form whether there are several papers of it: their keys tell them apart."""
    return {form: count > 1 for form, count in Counter(each.form for each in documents).items()}
