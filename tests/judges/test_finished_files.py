"""What becomes of finished files, judged by others: PDF/A before any reader, and signatures that
they find valid.
"""

from pathlib import Path

import pytest

from api.composition.trust_file import trust_file
from tests.fixtures.finished import FORM, Finished
from tests.judges import pdfsig
from tests.judges.dss import Dss
from tests.judges.verapdf import ARCHIVED, VeraPdf

# By origin: a cover is rendered as every paper is. A converted file has no structure to be read
# aloud. A file that was signed elsewhere is unchanged: this one was made as PDF/A-3a.
FLAVOURS = {"cover": ARCHIVED, "converted": ("3b",), "scanned": ("3b",), "external": ("3a",)}


@pytest.mark.judge
@pytest.mark.parametrize(
    "name", ["signed-archival.pdf", "signed.pdf", "plain.pdf", "scan.jpg", "scan.pdf"]
)
def test_every_document_is_pdf_a_with_the_file_inside(
    name: str, finished: Finished, verapdf: VeraPdf, tmp_path: Path
) -> None:
    file = tmp_path / "document.pdf"
    file.write_bytes(finished.archived(name))
    origin = finished.receipts[name].origin
    verapdf.accept(file, form=None if origin == "external" else FORM, flavours=FLAVOURS[origin])


@pytest.mark.judge
@pytest.mark.parametrize("name", ["signed.pdf", "plain.pdf", "scan.jpg"])
def test_eu_dss_accepts_the_seal_on_what_kho_did_not_render(
    name: str, finished: Finished, dss: Dss, tmp_path: Path
) -> None:
    file, roots = tmp_path / "document.pdf", trust_file(finished.home.settings)
    assert roots is not None
    file.write_bytes(finished.archived(name))
    dss.accept(file, roots)


@pytest.mark.judge
@pytest.mark.parametrize("name", ["signed-archival.pdf", "signed.pdf", "plain.pdf", "scan.jpg"])
def test_pdfsig_finds_every_seal_valid(name: str, finished: Finished, tmp_path: Path) -> None:
    file = tmp_path / "document.pdf"
    file.write_bytes(finished.archived(name))
    seal, timestamp = pdfsig.judge(file)
    assert seal.valid
    assert timestamp.total_document_signed
