"""Records are read with an actor and a scope, and come out as frozen entries."""

import dataclasses
from collections.abc import Callable

import pytest

from api.home import Home
from archive.access.actor import Actor
from archive.access.scope import Scope
from archive.base.errors import Denied, NotFound
from archive.catalog.listings import ChartFilter, DocumentFilter
from tests.fixtures.home import CLERK, chart, take

Homes = Callable[[], Home]
WITNESS = Actor("Nhân chứng", "witness")


def test_what_lies_outside_the_scope_does_not_exist(fresh_home: Homes) -> None:
    home = fresh_home()
    (result,) = take(home, chart(1))
    (receipt,) = result.receipts
    records, elsewhere = home.open_for_reading().records, Scope(home.code, frozenset({"K09"}))
    assert records.charts(ChartFilter(), 10, None, CLERK, elsewhere) == []
    assert records.documents(DocumentFilter(), 10, None, CLERK, elsewhere) == []
    assert records.found_charts({receipt.chart_id: {receipt.document_id}}, CLERK, elsewhere) == []
    for read in (records.chart, records.packets, records.chart_with_packets):
        with pytest.raises(NotFound):
            read(receipt.chart_id, CLERK, elsewhere)
    for read_document in (records.document, records.document_in_chart):
        with pytest.raises(NotFound):
            read_document(receipt.document_id, CLERK, elsewhere)


def test_an_actor_without_the_permission_reads_nothing(fresh_home: Homes) -> None:
    home = fresh_home()
    (result,) = take(home, chart(1))
    (receipt,) = result.receipts
    archive = home.open_for_reading()
    with pytest.raises(Denied):
        archive.records.chart(receipt.chart_id, WITNESS, home.scope)
    with pytest.raises(Denied):
        archive.records.document(receipt.document_id, WITNESS, home.scope)
    with pytest.raises(Denied):
        archive.originals.original(receipt.document_id, WITNESS, home.scope)
    with pytest.raises(Denied):
        archive.search.find("Viêm", WITNESS, home.scope)
    with pytest.raises(Denied):
        archive.published_ledger.proof(receipt.document_id, WITNESS, home.scope)


def test_an_entry_does_not_change(fresh_home: Homes) -> None:
    home = fresh_home()
    (result,) = take(home, chart(1))
    (receipt,) = result.receipts
    records = home.open_for_reading().records
    held = records.document_in_chart(receipt.document_id, CLERK, home.scope)
    assert held.chart.id == receipt.chart_id
    hits = {receipt.chart_id: {receipt.document_id}}
    (chart_found,) = records.found_charts(hits, CLERK, home.scope)
    assert chart_found.documents == (held.document,)
    (chart_found,) = records.found_charts({receipt.chart_id: set()}, CLERK, home.scope)
    assert chart_found.documents == ()
    with pytest.raises(dataclasses.FrozenInstanceError):
        held.document.sha256 = ""  # type: ignore[misc]
