"""The record of a take-away before outside judges: veraPDF, EU DSS and pdfsig."""

from pathlib import Path

import pytest

from api.composition.trust_file import trust_file
from api.home import Home
from tests.api.inspection.conftest import all_papers, stored_file, taken
from tests.api.inspection.conftest import home as home
from tests.judges import pdfsig
from tests.judges.dss import Dss
from tests.judges.verapdf import VeraPdf


@pytest.mark.judge
def test_the_record_is_pdf_a_and_pdf_ua_and_its_seal_is_total_passed(
    home: Home, verapdf: VeraPdf, dss: Dss, tmp_path: Path
) -> None:
    papers = all_papers(home)
    stored_file(home, papers[0]).unlink()
    taken(home, papers).extractall(tmp_path)
    trust = trust_file(home.settings)
    assert trust is not None
    record = tmp_path / "bien-ban-xac-minh.pdf"
    verapdf.accept(record, form=None)
    dss.accept(record, trust)
    seal, timestamp = pdfsig.judge(record)
    assert seal.valid
    assert timestamp.total_document_signed
    for original in (tmp_path / "originals").iterdir():
        dss.accept(original, trust)
