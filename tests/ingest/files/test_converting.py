"""An unsigned file becomes PDF/A that says the same and looks the same, with the file itself
inside, or is refused.
"""

import io
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
import typst
from pikepdf import Array, Dictionary, Name, String
from PIL import Image, ImageDraw

from archive.base.clock import SystemClock
from archive.base.errors import SubmissionRejected, Unavailable
from archive.files.working_folders import WorkingFolders
from archive.isolation.child import Limits
from ingest.files.assembling import Description
from ingest.files.converting import Converter
from ingest.files.examiner import Examiner
from ingest.files.fidelity import differences
from ingest.files.images import image_pdf
from ingest.files.limits import FILE_LIMITS, FileLimits
from ingest.files.make_pdfa import open_maker
from ingest.files.pdfa.embedded_fonts import fonts_are_embedded
from ingest.files.scanner import NoScanner
from ingest.render.job import Attachment
from ingest.sources.kinds import JPEG, TIFF, kind_of
from ingest.submission import FinishedFile
from signing.trust import TrustRoots
from tests.ingest.files.hostile import changed
from tests.ingest.files.papers import foreign_pdf, image_file, picture, plain_pdf, scanned_pdf
from tests.judges.missing import require_program
from tests.judges.verapdf import VeraPdf

DESCRIPTION = Description(
    "Phiếu <thử>", "Bệnh viện Mẫu", "TT 32/2023", "36/BV2, id", "2026-11-22T07:00:00.000Z"
)


@pytest.fixture(scope="module", autouse=True)
def _programs() -> None:
    require_program("gs", "tesseract")


def converted(data: bytes, folder: Path, limits: FileLimits = FILE_LIMITS) -> bytes:
    """Convert a file as the examiner would have named it."""
    kind = kind_of(data)
    assert kind is not None
    scanned = kind.media_type != "application/pdf" or not _text(data)
    file = FinishedFile("a", kind.media_type, data, "image" if scanned else "pdf")
    original = Attachment(kind.attachment, kind.media_type, data, "source", "a")
    return Converter(WorkingFolders(folder), limits).convert(
        file, DESCRIPTION, [original], "/papers/0/file"
    )


def _text(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "".join(page.get_textpage().get_text_range() for page in document).strip()
    finally:
        document.close()


def test_a_pdf_keeps_its_text_pages_and_looks_and_carries_the_file(tmp_path: Path) -> None:
    before = plain_pdf(pages=2)
    after = converted(before, tmp_path)
    assert _text(after).split() == _text(before).split()
    with pikepdf.open(io.BytesIO(after)) as pdf:
        assert pdf.attachments["original.pdf"].get_file().read_bytes() == before
        assert str(pdf.Root.Lang) == "vi-VN"
        xmp = pdf.Root.Metadata.read_bytes().decode()
    assert "Phiếu &lt;thử&gt;" in xmp
    assert "<pdfaid:part>3</pdfaid:part>" in xmp
    assert fonts_are_embedded(after)
    assert after.endswith(b"%%EOF\n")


def test_fields_scripts_and_embedded_files_stay_behind(tmp_path: Path) -> None:
    def fill(pdf: pikepdf.Pdf) -> None:
        pdf.attachments["table.xlsx"] = b"PK"
        field = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            T=String("x"),
            Rect=Array([9, 9, 90, 20]),
        )
        field = pdf.make_indirect(field)
        pdf.pages[0].obj.Annots = Array([field])
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]))

    with pikepdf.open(io.BytesIO(converted(changed(fill), tmp_path))) as pdf:
        assert "/AcroForm" not in pdf.Root
        assert list(pdf.attachments) == ["original.pdf"]
        assert not [each for page in pdf.pages for each in page.obj.get("/Annots", [])]


def tagged_scan() -> bytes:
    """Return a picture as a word processor exports it: a tagged PDF without text."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "scan.png").write_bytes(image_file("PNG"))
        page = (
            '#set document(title: "x")\n#set page(margin: 0pt)\n#image("/scan.png", alt: "x", '
            "width: 100%)"
        )
        pdf = typst.Compiler(root=folder).compile(
            input=page.encode(), format="pdf", pdf_standards=["ua-1"]
        )
    assert isinstance(pdf, bytes)
    return pdf


@pytest.mark.parametrize(
    "change",
    [
        lambda page: page.__setattr__("Rotate", 90),
        lambda page: page.__setattr__("CropBox", Array([50, 50, 400, 600])),
        lambda page: page.__setattr__("MediaBox", Array([-100, -100, 495, 742])),
    ],
    ids=["turned", "cropped", "moved"],
)
def test_a_page_stays_as_it_is_seen(
    change: Callable[[pikepdf.Object], None], tmp_path: Path
) -> None:
    assert converted(changed(lambda pdf: change(pdf.pages[0].obj)), tmp_path)


def test_a_font_that_was_not_embedded_is_afterwards(tmp_path: Path) -> None:
    before = foreign_pdf()
    assert not fonts_are_embedded(before)
    after = converted(before, tmp_path)
    assert fonts_are_embedded(after)
    assert _text(after) == "Benh an thu"


@pytest.mark.parametrize(
    "data",
    [image_file("JPEG"), scanned_pdf(), tagged_scan()],
    ids=["jpeg", "scanned pdf", "tagged scan"],
)
def test_a_scan_gets_a_layer_of_text(data: bytes, tmp_path: Path) -> None:
    after = converted(data, tmp_path)
    assert "NGƯỜI BỆNH MẪU" in _text(after)
    assert fonts_are_embedded(after)


def bound(*parts: bytes, blank: bool = False) -> bytes:
    """Return the pages of several PDFs in one, and behind them a page with nothing on it."""
    with pikepdf.new() as pdf:
        for part in parts:
            with pikepdf.open(io.BytesIO(part)) as opened:
                pdf.pages.extend(opened.pages)
        if blank:
            pdf.add_blank_page(page_size=(595, 842))
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "read"),
    [
        (bound(scanned_pdf(), blank=True), (True, False)),
        (bound(plain_pdf("Thư gửi kèm."), scanned_pdf(), blank=True), (False, True, False)),
    ],
    ids=["scan with a blank page", "letter with a scan behind it"],
)
def test_each_page_that_is_a_picture_is_recognised_and_the_others_keep_their_text(
    data: bytes, read: tuple[bool, ...], tmp_path: Path
) -> None:
    examiner = Examiner(TrustRoots([]), NoScanner(), SystemClock())
    file = examiner.examine("a.pdf", data, None, "/papers/0/file")
    assert file.nature == "image"
    pdf = Converter(WorkingFolders(tmp_path)).convert(file, DESCRIPTION, [], "/papers/0/file")
    document = pypdfium2.PdfDocument(pdf)
    try:
        texts = [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
    assert tuple("NGƯỜI BỆNH MẪU" in text for text in texts) == read
    assert ("Thư gửi kèm." in texts[0]) == (len(read) == 3)
    assert texts[-1].strip() == ""


@pytest.mark.judge
def test_verapdf_accepts_a_letter_with_a_scan_behind_it(verapdf: VeraPdf, tmp_path: Path) -> None:
    data = bound(plain_pdf("Thư gửi kèm."), scanned_pdf(), blank=True)
    pdf = Converter(WorkingFolders(tmp_path)).convert(
        FinishedFile("a.pdf", "application/pdf", data, "image"), DESCRIPTION, [], "/papers/0/file"
    )
    (tmp_path / "archived.pdf").write_bytes(pdf)
    verapdf.accept(tmp_path / "archived.pdf", form=None, flavours=("3b",))


@pytest.mark.parametrize(
    ("size", "said", "points"),
    [
        ((3000, 4000), 72, (631, 842)),  # a phone's photo: a page of 106 x 141 cm before
        ((4032, 3024), 96, (842, 631)),
        ((595, 842), 72, (595, 842)),  # a sheet that really has 72
        ((2480, 3508), 300, (595, 842)),
        ((7016, 9933), 300, (1684, 2384)),  # a scanner's plan of A1
        ((1240, 1754), 1, (595, 842)),
        ((1240, 1754), 20000, (595, 842)),
    ],
)
def test_a_picture_becomes_a_page_of_a_sensible_size(
    size: tuple[int, int], said: int, points: tuple[int, int]
) -> None:
    out = io.BytesIO()
    Image.new("L", size, 255).save(out, "JPEG", dpi=(said, said))
    document = pypdfium2.PdfDocument(image_pdf(out.getvalue(), JPEG))
    try:
        assert document[0].get_size() == pytest.approx(points, abs=1)
    finally:
        document.close()


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "P", "RGBA", "LA", "CMYK", "I;16"])
def test_an_image_of_any_mode_is_a_page_of_its_size(mode: str) -> None:
    out = io.BytesIO()
    scan = picture(resolution=100)
    (
        scan.convert("L").convert("I").point(lambda v: v * 256).convert("I;16")
        if mode == "I;16"
        else scan.convert(mode)
    ).save(out, "TIFF", dpi=(100, 100))
    document = pypdfium2.PdfDocument(image_pdf(out.getvalue(), TIFF))
    try:
        assert [round(side) for side in document[0].get_size()] == [595, 842]
        drawn = document[0].render(scale=100 / 72).to_pil().convert("L")
    finally:
        document.close()
    assert drawn.getpixel((5, 5)) > 250
    assert drawn.getextrema()[0] < 60


def test_a_page_that_became_another_is_seen() -> None:
    before = plain_pdf()
    assert differences(before, before, FILE_LIMITS, text_too=True) == frozenset()
    assert "text" in differences(before, plain_pdf("Chẩn đoán: khác."), FILE_LIMITS, text_too=True)
    assert "pages" in differences(before, plain_pdf(pages=2), FILE_LIMITS, text_too=True)
    whole = scanned_pdf()
    with Image.open(io.BytesIO(image_file("PNG"))) as scan:
        ImageDraw.Draw(scan).rectangle((100, 100, 400, 400), fill=0)
        out = io.BytesIO()
        scan.save(out, "PDF", resolution=150)
    assert differences(whole, out.getvalue(), FILE_LIMITS, text_too=False) == frozenset({"looks"})


def _program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


@pytest.fixture
def instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let another program stand where Ghostscript is looked for."""

    def put(script: str) -> None:
        _program(tmp_path / "bin", "gs", script)
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")

    return put


def test_a_program_that_is_missing_is_not_the_files_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="Ghostscript"):
        converted(foreign_pdf(), tmp_path)
    with pytest.raises(Unavailable, match="Tesseract"):
        converted(image_file("PNG"), tmp_path)


@pytest.mark.parametrize("script", ["exit 1", "exit 0", "kill -9 $$", "exec yes > out.pdf"])
def test_a_program_that_fails_for_every_file_is_not_the_files_fault(
    instead: Callable[[str], None], tmp_path: Path, script: str
) -> None:
    instead(script)
    limits = replace(FILE_LIMITS, convert=Limits(seconds=20, file_size=1 << 20, answer=1 << 20))
    with pytest.raises(Unavailable, match="Ghostscript"):
        converted(foreign_pdf(), tmp_path, limits)


def test_a_file_that_alone_cannot_be_converted_is_refused(
    instead: Callable[[str], None], tmp_path: Path
) -> None:
    code = (
        "import os, shutil, sys; os.stat('in.pdf').st_size > 2000 and sys.exit(1); "
        "shutil.copyfile('in.pdf', 'out.pdf')"
    )
    instead(f'exec {sys.executable} -P -c "{code}"')
    with pytest.raises(SubmissionRejected) as refused:
        converted(foreign_pdf(), tmp_path)
    assert [fault.code for fault in refused.value.faults] == ["file.not_convertible"]


def test_a_file_that_does_not_stay_the_same_is_refused(
    instead: Callable[[str], None], tmp_path: Path
) -> None:
    other = tmp_path / "bin" / "other.pdf"  # beside the program: it reads no other folder
    instead(f"exec cp {other} out.pdf")
    other.write_bytes(foreign_pdf("Khac han, va dai hon nhieu so voi tep goc."))
    with pytest.raises(SubmissionRejected) as refused:
        converted(foreign_pdf(), tmp_path)
    assert {fault.code for fault in refused.value.faults} == {"file.not_faithful"}
    assert any("chữ khác" in fault.message.vi for fault in refused.value.faults)


def test_a_program_that_takes_too_long_is_ended_and_the_file_refused(
    instead: Callable[[str], None], tmp_path: Path
) -> None:
    instead("exec sleep 60")
    limits = replace(FILE_LIMITS, convert=Limits(seconds=1, file_size=1 << 20))
    with pytest.raises(SubmissionRejected) as refused:
        converted(foreign_pdf(), tmp_path, limits)
    assert [fault.code for fault in refused.value.faults] == ["file.too_demanding"]


def test_nothing_of_a_file_stays_in_the_workshop(
    tmp_path: Path, instead: Callable[[str], None]
) -> None:
    shop = tmp_path / "workshop"
    converted(foreign_pdf(), shop)
    assert list(shop.glob("job-*")) == []
    (shop / "job-killed").mkdir()
    (shop / "job-killed" / "in.pdf").write_bytes(b"left by a process that was killed")
    converted(foreign_pdf(), shop)
    assert list(shop.glob("job-*")) == []


def test_a_job_may_leave_folders_in_folders_without_end(tmp_path: Path) -> None:
    with WorkingFolders(tmp_path).job() as folder:
        handle = os.open(folder, os.O_RDONLY)
        for _ in range(3000):
            os.mkdir("d", dir_fd=handle)
            inner = os.open("d", os.O_RDONLY, dir_fd=handle)
            os.close(handle)
            handle = inner
        os.close(handle)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("leave", ["ln -s {key} out.pdf", "mkdir out.pdf"])
def test_a_program_cannot_have_a_file_of_the_archive_read_for_it(
    instead: Callable[[str], None], tmp_path: Path, leave: str
) -> None:
    key = tmp_path / "other.pdf"
    key.write_bytes(foreign_pdf())
    instead(f"exec {leave.format(key=key)}")
    with pytest.raises(Unavailable, match="Ghostscript"):
        converted(foreign_pdf(), tmp_path)


def test_what_a_killed_process_left_is_gone_when_a_home_is_next_worked_in(tmp_path: Path) -> None:
    left = tmp_path / "workshop" / "job-killed"
    left.mkdir(parents=True)
    (left / "in.pdf").write_bytes(b"left by a process that was killed")
    with WorkingFolders(tmp_path / "workshop").job() as busy:
        left.mkdir(exist_ok=True)
        open_maker(tmp_path)
        assert busy.is_dir()
    assert list((tmp_path / "workshop").iterdir()) == []
