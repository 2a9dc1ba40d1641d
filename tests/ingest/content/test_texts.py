"""The texts of archived documents come from their originals, whatever these are."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from api.home import Home
from archive.base.errors import Unreadable
from archive.base.identifiers import DocumentId, sha256
from archive.catalog.entries import DocumentEntry
from archive.catalog.tables import DocumentRow
from ingest.content import recent
from ingest.content.recent import RecentTexts
from ingest.content.record_text import LONGEST
from ingest.content.stored_text import attached_records, text_layer
from tests.fixtures.finished import Finished
from tests.fixtures.home import chart, paper, take
from tests.ingest.files.papers import TEXT, plain_pdf


def documents(home: Home) -> list[DocumentEntry]:
    with home.catalog.read() as session:
        return [DocumentEntry.of(row) for row in session.scalars(select(DocumentRow))]


def test_a_finished_file_of_every_nature_has_its_text(finished: Finished) -> None:
    home = finished.home
    texts = dict(home.follow_ups.texts.read(documents(home)))
    said = {name: texts[DocumentId(r.document_id)] for name, r in finished.receipts.items()}
    for name in ("signed-archival.pdf", "signed.pdf", "plain.pdf"):
        assert "PHIẾU" in said[name], name
        assert TEXT[:20] in said[name], name
    for name in ("scan.jpg", "scan.pdf"):  # what Tesseract reads
        assert said[name].strip(), name


def test_the_text_that_is_remembered_is_the_text_that_is_read(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    take(home, chart(7, papers=[paper("1"), paper("2", "Hen phế quản")]))
    entries = documents(home)
    kept = home.follow_ups.recent_texts.of(DocumentId(each.id) for each in entries)
    read = dict(home.follow_ups.texts.read(entries))
    assert kept
    assert kept == {key: read[key] for key in kept}


def test_a_file_that_a_parser_refuses_has_no_text() -> None:
    for broken in (b"", b"%PDF-1.7\n", plain_pdf()[:2000]):
        with pytest.raises(Unreadable):
            text_layer(broken, attached=False)
        with pytest.raises(Unreadable):
            attached_records([broken])
    assert attached_records([plain_pdf()]) == [None]
    assert text_layer(plain_pdf(), attached=True) == ""


def test_the_text_of_a_file_is_bounded() -> None:
    assert len(text_layer(plain_pdf("Sốt cao. " * 4_000), attached=False)) == LONGEST


def test_what_is_remembered_is_bounded_by_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = RecentTexts()
    monkeypatch.setattr(recent, "_MOST_CHARACTERS", 100)
    first, second, third = (DocumentId(str(number)) for number in range(3))
    for document_id, length in ((first, 60), (second, 60), (second, 90), (third, 10)):
        texts.remember(document_id, "x" * length)
    assert set(texts.of([first, second, third])) == {second, third}


def test_a_damaged_original_keeps_no_other_from_its_text(fresh_home: Callable[[], Home]) -> None:
    home = fresh_home()
    take(home, chart(1, papers=[paper("1"), paper("2")]))
    first, second = documents(home)
    file = next(
        file
        for file in (home.folder / "vault").rglob("*")
        if file.is_file() and sha256(file.read_bytes()) == first.sha256
    )
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-1])
    texts = dict(home.follow_ups.texts.read([first, second]))
    assert list(texts) == [second.id]
    assert "ho, sốt" in texts[DocumentId(second.id)]
