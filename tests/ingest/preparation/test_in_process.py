"""Rendering and sealing are two steps: a paper may wait between them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from api.home import Home
from archive.base.identifiers import DocumentId, new_id
from ingest.files.make_pdfa import open_maker
from ingest.preparation.contract import Prepared, Rendered, RenderOnly
from ingest.preparation.in_process import InProcessPreparer
from ingest.preparation.seal_words import REASON, seal_words
from ingest.render.typst_renderer import Renderer
from tests.ingest.render.papers import CATALOG, job, minimal
from tests.judges import pdfsig


@pytest.fixture
def preparer(fresh_home: Callable[[], Home]) -> InProcessPreparer:
    home = fresh_home()
    return InProcessPreparer(open_maker(home.folder), home.open_for_writing().sealer)


def a_paper() -> Any:
    data = minimal(CATALOG.get("36/BV2"))
    return replace(job("36/BV2", data), document_id=DocumentId(new_id()))


def test_a_paper_that_waited_is_sealed_as_it_was_rendered(preparer: InProcessPreparer) -> None:
    paper = a_paper()
    (rendered,) = preparer.prepare([RenderOnly(paper)])
    words = seal_words(paper.facility)
    data = Renderer().render(paper)
    assert rendered == Rendered(paper.document_id, data, paper.claimed_at, words)
    (prepared,) = preparer.prepare([rendered])
    assert isinstance(prepared, Prepared)
    assert prepared.data.startswith(rendered.data)
    assert prepared.level == "PAdES-B-LTA"


@pytest.mark.judge
def test_other_readers_find_which_facility_sealed_a_paper_where_and_why(
    preparer: InProcessPreparer, tmp_path: Path
) -> None:
    paper = a_paper()
    (prepared,) = preparer.prepare([paper])
    file = tmp_path / "paper.pdf"
    file.write_bytes(prepared.data)
    assert pdfsig.judge(file)[0].valid
    with pikepdf.open(file) as pdf:  # pdfsig names no entry of the dictionary; qpdf does
        seal = pdf.Root.AcroForm.Fields[0].V
        said = {name: str(seal[name]) for name in ("/Name", "/Location", "/Reason")}
    assert said == {
        "/Name": paper.facility.name,
        "/Location": paper.facility.address,
        "/Reason": REASON,
    }


def test_one_call_may_hold_works_of_each_kind(preparer: InProcessPreparer) -> None:
    waited, draft, paper = a_paper(), a_paper(), a_paper()
    (rendered,) = preparer.prepare([RenderOnly(waited)])
    assert isinstance(rendered, Rendered)
    results = {
        each.document_id: each for each in preparer.prepare([rendered, RenderOnly(draft), paper])
    }
    kinds = [type(results[each.document_id]) for each in (waited, draft, paper)]
    assert kinds == [Prepared, Rendered, Prepared]
