"""The index is fed in portions that fit into memory, and one bad chart stops no other."""

from collections.abc import Iterable, Mapping, Sequence

import pytest

from api.home import Home
from archive.base.identifiers import DocumentId
from archive.catalog import records
from archive.catalog.entries import DocumentEntry
from search import feeder
from search.contract import Entry
from search.feeder import IndexFeeder
from tests.search.suite.reference import ReferenceIndex

TEXT = "hen phế quản " * 10


class Portions(ReferenceIndex):
    """An index that remembers what it got at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.put_together: list[list[Entry]] = []

    def put(self, entries: Iterable[Entry]) -> None:
        self.put_together.append(list(entries))
        super().put(self.put_together[-1])


def charts(home: Home) -> list[str]:
    with home.catalog.read() as session:
        return list(records.chart_ids(session, home.scope))


def test_what_is_put_together_is_bounded_by_characters(
    demo_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, index, steps = charts(demo_home), Portions(), list[int]()

    def bodies(asked: Sequence[DocumentId]) -> Mapping[DocumentId, str]:
        return dict.fromkeys(asked, TEXT)

    def read(documents: Sequence[DocumentEntry]) -> list[tuple[DocumentId, str]]:
        return [(DocumentId(document.id), TEXT) for document in documents]

    fed = IndexFeeder(demo_home.catalog, index, demo_home.code, frozenset(), bodies)
    fed.feed(wanted, lambda done, _: steps.append(done))
    assert [len(some) for some in index.put_together] == [4]
    monkeypatch.setattr(feeder, "MOST_CHARACTERS", 2 * len(TEXT))
    index.put_together.clear()
    fed.feed(wanted, lambda done, _: steps.append(done))
    assert [len(some) for some in index.put_together] == [2, 2]
    assert steps == [4, 2, 4]
    unread = Portions()
    lacking = IndexFeeder(demo_home.catalog, unread, demo_home.code, frozenset())
    assert lacking.feed_texts(wanted, read) == set()
    assert [len(some) for some in unread.put_together] == [2, 2]
    assert len(unread.bodies(entry.document_id for some in unread.put_together for entry in some))


def test_a_chart_that_cannot_be_fed_stops_no_other(demo_home: Home) -> None:
    wanted, index = charts(demo_home), ReferenceIndex()
    with demo_home.catalog.read() as session:
        (bad,) = records.charts(session, demo_home.scope, wanted[1:2])
        broken = {document.id for document in bad.documents}

    def bodies(asked: Sequence[DocumentId]) -> Mapping[DocumentId, str]:
        if broken & set(asked):
            raise ValueError
        return {}

    def read(documents: Sequence[DocumentEntry]) -> list[tuple[DocumentId, str]]:
        return [(DocumentId(document.id), TEXT) for document in documents]

    feeding = IndexFeeder(demo_home.catalog, index, demo_home.code, frozenset(), bodies)
    fed = feeding.feed(wanted)
    assert (fed.left, fed.documents, index.count()) == ({wanted[1]}, 3, 3)
    assert fed.unread == set(wanted) - {wanted[1]}
    assert feeding.feed_texts(wanted, read) == {wanted[1]}
