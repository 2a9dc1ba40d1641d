"""The demonstration's set: veraPDF judges originals of each form before and after their seal."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from api.home import Home
from api.writing.intake import Intake
from archive.base.identifiers import ObjectKey
from ingest.receipt import Receipt
from ingest.samples.generate import generate
from tests.fixtures.home import CLERK
from tests.judges import pdfsig
from tests.judges.verapdf import VeraPdf

END = b"%%EOF\n"


@pytest.fixture(scope="module")
def archived(
    home_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Home, list[Receipt]]]:
    """The twenty sample charts, archived."""
    folder = tmp_path_factory.mktemp("demo-papers")
    sources = folder / "sources"
    sources.mkdir()
    with Home.open(Path(shutil.copytree(home_template, folder / "home"))) as home:
        for name, data in generate(20, seed=1, facility=home.code, today=date(2026, 11, 22)):
            (sources / name).write_bytes(data)
        results = list(Intake(home.open_for_writing(), CLERK, home.scope).run([sources]))
        assert not [fault for result in results for fault in result.faults]
        yield home, [receipt for result in results for receipt in result.receipts]


@pytest.mark.judge
def test_originals_of_every_form_are_pdf_a_and_pdf_ua_before_and_after_their_seal(
    archived: tuple[Home, list[Receipt]], verapdf: VeraPdf, tmp_path: Path
) -> None:
    home, receipts = archived
    # the judge sees the plan's whole variety, however many papers it has
    assert {receipt.form for receipt in receipts} >= {"01/BV1", "02/BV1", "15/BV1", "36/BV2"}
    # the first and the last paper of each form: the seals of all are alike
    by_form: dict[str, list[Receipt]] = {}
    for receipt in receipts:
        by_form.setdefault(receipt.form, []).append(receipt)
    for form, of_form in by_form.items():
        papers = {receipt.document_id: receipt for receipt in (of_form[0], of_form[-1])}
        for number, receipt in enumerate(papers.values()):
            original = home.vault.read(ObjectKey(receipt.object_key), receipt.version_id)
            sealed = tmp_path / f"{receipt.document_id}.pdf"
            sealed.write_bytes(original)
            verapdf.accept(sealed, form=form)
            # a seal only appends: what comes before it is what was rendered
            if number == 0:
                rendered = tmp_path / f"{receipt.document_id}.rendered.pdf"
                rendered.write_bytes(original[: original.index(END) + len(END)])
                verapdf.accept(rendered, form=form)


@pytest.mark.judge
def test_pdfsig_finds_every_seal_valid(
    archived: tuple[Home, list[Receipt]], tmp_path: Path
) -> None:
    home, receipts = archived
    one_of_each = {receipt.form: receipt for receipt in receipts}.values()
    for receipt in one_of_each:
        file = tmp_path / f"{receipt.document_id}.pdf"
        file.write_bytes(home.vault.read(ObjectKey(receipt.object_key), receipt.version_id))
        seal, timestamp = pdfsig.judge(file)
        assert seal.valid
        assert timestamp.total_document_signed
