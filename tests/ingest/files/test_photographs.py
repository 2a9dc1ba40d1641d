"""Several photographs become one PDF/A with a page each; one that cannot be read refuses all."""

import io
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from archive.base.clock import SystemClock
from archive.base.errors import SubmissionRejected
from archive.files.working_folders import WorkingFolders
from ingest.files.assembling import Description
from ingest.files.converting import Converter
from ingest.files.examiner import Examiner
from ingest.files.images import image_pdf
from ingest.files.limits import FILE_LIMITS, load_limits
from ingest.files.opening import original_of
from ingest.files.scanner import NoScanner
from ingest.files.thumbnails import small_picture
from ingest.render.job import Attachment
from ingest.sources.kinds import PHOTOGRAPHS, kind_of
from ingest.sources.photographs import Photograph, Photographs
from ingest.submission import FinishedFile
from signing.trust import TrustRoots
from tests.ingest.files.papers import image_file, plain_pdf
from tests.judges.missing import require_program


def blank(size: tuple[int, int]) -> bytes:
    """Return a PNG without a mark on it."""
    out = io.BytesIO()
    Image.new("L", size, "white").save(out, "PNG")
    return out.getvalue()


def mixed() -> Photographs:
    """Return photographs of each kind, under names that mean harm or nothing."""
    data = (image_file("JPEG"), image_file("PNG"), image_file("TIFF"))
    names = ("a/../IMG_1.jpg", "2.pdf", "\u202egpj.3")
    return Photographs(tuple(map(Photograph, names, data)))


def examined(given: Photographs, name: str = "Giấy ra viện") -> FinishedFile:
    examiner = Examiner(TrustRoots([]), NoScanner(), SystemClock())
    return examiner.examine(name, given, None, "/papers/0/file")


def test_photographs_are_one_file_of_their_bytes_in_their_order() -> None:
    given = mixed()
    file = examined(given, "Giấy ra viện.jpg")
    assert (file.name, file.nature, file.pages) == ("Giấy ra viện.zip", "image", 3)
    with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
        assert archive.namelist() == ["001.jpg", "002.png", "003.tif"]
        kept = [archive.read(name) for name in archive.namelist()]
    assert kept == [each.data for each in given.photographs]
    assert examined(given).data == file.data
    turned = Photographs(given.photographs[::-1])
    assert examined(turned).data != file.data


def test_each_photograph_that_cannot_be_read_is_named() -> None:
    good = mixed().photographs[0]
    bad = (
        Photograph("hỏng.jpg", good.data[:2000]),
        Photograph("giấy.pdf", plain_pdf("x")),
        Photograph("rỗng.jpg", b""),
    )
    with pytest.raises(SubmissionRejected) as refused:
        examined(Photographs((good, *bad)))
    said = [(fault.path[-1], fault.code) for fault in refused.value.faults]
    codes = ["image.damaged", "photographs.kind", "file.empty"]
    assert said == list(zip("123", codes, strict=True))
    words = [fault.message.vi for fault in refused.value.faults]
    assert words[0].startswith("Ảnh thứ 2 (hỏng.jpg): Ảnh bị hỏng")


def test_a_hundred_photographs_are_a_paper_and_one_more_is_too_many() -> None:
    small = blank((60, 80))
    photographs = tuple(Photograph(f"{number}.png", small) for number in range(101))
    assert examined(Photographs(photographs[:100])).pages == 100
    for given in (photographs, ()):
        with pytest.raises(SubmissionRejected) as refused:
            examined(Photographs(given))
        assert [fault.code for fault in refused.value.faults] == ["photographs.number"]


def test_a_bundle_from_elsewhere_is_no_file_that_kho_takes() -> None:
    data = examined(mixed()).data
    assert kind_of(data) is None
    with pytest.raises(SubmissionRejected) as refused:
        Examiner(TrustRoots([]), NoScanner(), SystemClock()).examine("a.zip", data, None, "/")
    assert [fault.code for fault in refused.value.faults] == ["file.unknown_kind"]


def test_a_page_for_each_photograph_in_their_order() -> None:
    sizes = [(200, 300), (300, 200), (250, 250)]
    photographs = tuple(Photograph(f"{n}.png", blank(size)) for n, size in enumerate(sizes))
    pdf = image_pdf(examined(Photographs(photographs)).data, PHOTOGRAPHS)
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        shapes = [page.get_width() > page.get_height() for page in document]
        square = document[2].get_width() == pytest.approx(document[2].get_height())
    assert shapes[:2] == [False, True]
    assert square


def test_a_small_picture_of_what_is_an_image_and_of_nothing_else() -> None:
    shown = small_picture(image_file("JPEG"), 100)
    assert shown is not None
    assert kind_of(shown) is not None
    assert [small_picture(data, 100) for data in (b"", plain_pdf("x"), b"\xff\xd8\xff" * 9)] == (
        [None] * 3
    )


def test_photographs_become_one_pdfa_with_text_and_keep_their_bytes(tmp_path: Path) -> None:
    require_program("gs", "tesseract")
    file = examined(mixed())
    original = Attachment(PHOTOGRAPHS.attachment, PHOTOGRAPHS.media_type, file.data, "source", "a")
    description = Description("Giấy", "Bệnh viện", "TT 32/2023", "KHAC", "2026-11-22T07:00:00.000Z")
    limits = FILE_LIMITS
    assert load_limits().recognise_pages == limits.recognise_pages == 25
    pdf = Converter(WorkingFolders(tmp_path), limits).convert(file, description, [original], "/")
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    assert ["NGƯỜI BỆNH MẪU" in text for text in texts] == [True] * 3
    assert original_of(pdf) == file.data
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert list(opened.attachments) == ["original.zip"]


def test_a_scan_of_more_pages_than_a_run_takes_is_read_in_several(tmp_path: Path) -> None:
    require_program("gs", "tesseract")
    description = Description("Giấy", "Bệnh viện", "TT 32/2023", "KHAC", "2026-11-22T07:00:00.000Z")
    limits = replace(FILE_LIMITS, recognise_pages=2)
    pdf = Converter(WorkingFolders(tmp_path), limits).convert(
        examined(mixed()), description, [], "/"
    )
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    assert ["NGƯỜI BỆNH MẪU" in text for text in texts] == [True] * 3
