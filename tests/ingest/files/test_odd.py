"""Intake of odd PDFs is faithful by picture, text, fields and veraPDF, or the file is refused with
the page and the reason.

Each file takes about a second: all of them are tried in CI, one of eight elsewhere.
"""

import re
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from archive.base.errors import SubmissionRejected
from tests.ingest.files.marked import seen
from tests.ingest.files.odd import Odd, corpus
from tests.ingest.files.test_flattening import archived, text
from tests.judges.missing import in_ci
from tests.judges.verapdf import VeraPdf

ALL = list(corpus())
TRIED = ALL if in_ci() else ALL[::8]
# PDFium looks at the layer and not at the policy of its membership: readers differ
REFUSED = {"membership where off"}
_PAGE = re.compile(r"page \d+: ")
_CELLS = 16  # dots
# of 255: by so much the mean of a cell may differ; letters of foreign fonts have other shapes
_MEAN = 60
# Kho draws these as readers do, but not dot by dot; hidden ones are not shown at all
_DRAWN_BY_KHO = ("without a look", "field", "hidden by", "attached file")


def test_there_are_at_least_two_hundred_of_them() -> None:
    assert len({odd.id for odd in ALL}) == len(ALL) >= 200


@pytest.mark.judge
@pytest.mark.parametrize("odd", TRIED, ids=lambda odd: odd.id)
def test_an_odd_file_is_archived_as_it_looks_or_refused_with_the_reason(
    odd: Odd, verapdf: VeraPdf, tmp_path: Path
) -> None:
    if odd.id in REFUSED:
        with pytest.raises(SubmissionRejected) as refused:
            archived(odd.data, tmp_path)
        assert all(_PAGE.search(fault.message.en) for fault in refused.value.faults)
        return
    pdfa = archived(odd.data, tmp_path)
    words = text(pdfa).replace(" ", "")
    assert all(shown.replace(" ", "") in words for shown in odd.shows)
    assert not any(hidden.replace(" ", "") in words for hidden in odd.hides)
    if not any(part in odd.id for part in _DRAWN_BY_KHO):
        assert _difference(seen(odd.data), seen(pdfa)) < _MEAN
    (tmp_path / "archived.pdf").write_bytes(pdfa)
    verapdf.accept(tmp_path / "archived.pdf", form=None, flavours=("3b",))


def _difference(before: Image.Image, after: Image.Image) -> int:
    """Return the largest difference between the means of two cells, by a judge of its own."""
    after = after.resize(before.size)  # a unit of the user is part of the page afterwards
    cells = max(1, before.width // _CELLS), max(1, before.height // _CELLS)
    pair = [each.convert("L").resize(cells, Image.Resampling.BOX) for each in (before, after)]
    histogram = ImageChops.difference(*pair).histogram()
    return max(level for level, number in enumerate(histogram) if number)
