"""Converts an unsigned file to PDF/A-3b by Ghostscript (PDFs) or OCRmyPDF (scans), and compares it
with the original.

Both are separate programs that read untrusted files. They run in a folder of their own, with
limits, without network.
"""

import importlib.util
import json
import os
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from stat import S_ISREG

from pikepdf import Pdf

from archive.base.errors import FileMustWait, SubmissionRejected, Unavailable, Unreadable
from archive.files.working_folders import WorkingFolders
from archive.isolation.child import Limits, TooDemanding, isolated, preload
from archive.isolation.programs import program, run_confined
from archive.process import crash
from ingest.files.assembling import Description, bare, finish
from ingest.files.fidelity import Difference, compared
from ingest.files.flattening.flat import Flat, as_it_is
from ingest.files.flattening.flatten import flatten
from ingest.files.images import image_pdf
from ingest.files.limits import FILE_LIMITS, FileLimits
from ingest.files.pdfa.in_place import in_place
from ingest.files.scanned_pages import joined, lay_over, only, put_back, textless
from ingest.files.unlike import unlike_fault
from ingest.render.job import Attachment
from ingest.sources.faults import refuse
from ingest.sources.kinds import PDF, kind_of_type
from ingest.submission import FinishedFile

preload(__name__)

GHOSTSCRIPT, OCRMYPDF, TESSERACT = "Ghostscript", "OCRmyPDF", "Tesseract"
_IN, _OUT = "in.pdf", "out.pdf"


class Converter:
    """Converts files, one at a time; `workshop` is where the programs work."""

    def __init__(self, workshop: WorkingFolders, limits: FileLimits = FILE_LIMITS) -> None:
        self._workshop, self._limits = workshop, limits

    def convert(
        self,
        file: FinishedFile,
        description: Description,
        attachments: Sequence[Attachment],
        path: str,
    ) -> bytes:
        """Return the file as PDF/A-3b, not sealed, described and with `attachments`.

        Raises SubmissionRejected, with `path`, for a file that cannot be converted or does not stay
        the same; :class:`archive.base.errors.FileMustWait` where a program is missing or does not
        do its work for any file.
        """
        scanned = file.nature == "image"
        limits = self._limits.for_size(len(file.data))
        try:
            plain, flat = self._flat(file, path, limits)
            pdf, is_in_place = self._faithful(flat, path, limits, scanned=scanned)
            crash.point("file.converted")
            document = isolated(
                limits.convert, finish, pdf, plain, description, tuple(attachments), is_in_place
            )
            if not document:
                raise SubmissionRejected([unlike_fault(path, Difference("pdfa"))])
            return document
        except TooDemanding as error:
            raise refuse(
                path, "file.too_demanding", seconds=f"{limits.convert.seconds:g}"
            ) from error
        except Unreadable as error:
            raise refuse(path, "file.not_convertible") from error

    def _faithful(
        self, flat: Flat, path: str, limits: FileLimits, *, scanned: bool
    ) -> tuple[bytes, bool]:
        """Return the PDF/A of a file that is like it, and whether it is the file itself, in place.

        The first difference found is the reason of a refusal: that of the better way.
        """
        reasons: tuple[Difference, ...] = ()
        for pdf, is_in_place in self._ways(flat, path, limits, scanned=scanned):
            differences = compared(flat, pdf, limits, text_too=not scanned)
            if not differences:
                return pdf, is_in_place
            reasons = reasons or differences
        raise SubmissionRejected([unlike_fault(path, each) for each in reasons])

    def _ways(
        self, flat: Flat, path: str, limits: FileLimits, *, scanned: bool
    ) -> Iterator[tuple[bytes, bool]]:
        """Yield the PDF/A of a file by each way, the better one first, and whether it is in place.

        A file that claims to be PDF/A or has tags would lose them in Ghostscript, so it is tried in
        place first. Any other is converted, and tried in place where Ghostscript damages it.
        """
        if scanned:
            yield self._scan(flat, path, limits), False
            return
        # Whether a PDF waits for a missing program does not depend on what is in it.
        _installed("gs", GHOSTSCRIPT)
        order = (True, False) if flat.is_tagged_or_claims_pdfa else (False, True)
        for is_in_place in order:
            if not is_in_place:
                yield self._ghostscript(flat.pages, path, limits), False
            elif pdf := isolated(limits.convert, in_place, flat.pages):
                yield pdf, True

    def _flat(self, file: FinishedFile, path: str, limits: FileLimits) -> tuple[bytes, Flat]:
        """Return the file as a PDF, and that flattened."""
        kind = kind_of_type(file.media_type)
        if kind is not PDF:
            plain = isolated(limits.convert, image_pdf, file.data, kind)
            return plain, as_it_is(plain)
        try:
            return file.data, flatten(file.data, limits.convert, apart=file.nature == "image")
        except TooDemanding:
            raise
        except Unreadable as error:
            what = {"what_vi": error.facts["why_vi"], "what_en": error.facts["why_en"]}
            raise refuse(path, "file.not_faithful", **what) from error

    def _scan(self, flat: Flat, path: str, limits: FileLimits) -> bytes:
        """Return a scan with a layer of text on every page without text; pages that have text keep
        it.

        What annotations show on a recognised page is converted by itself and laid over the page:
        text recognition leaves pages with text alone.
        """
        # OCRmyPDF leaves tagged files alone, for their text
        plain = isolated(limits.convert, bare, flat.bare)
        numbers, pages = json.loads(isolated(limits.convert, textless, plain))
        if len(numbers) == pages:
            scan = self._recognised_in_parts(plain, pages, path, limits)
        else:
            some = isolated(limits.convert, only, plain, numbers)
            recognised = self._recognised_in_parts(some, len(numbers), path, limits)
            whole = self._ghostscript(plain, path, limits)
            scan = isolated(limits.convert, put_back, whole, recognised, numbers)
        if not flat.looks:
            return scan
        looks = self._ghostscript(flat.looks, path, limits)
        return isolated(limits.convert, lay_over, scan, looks, flat.numbers)

    def _recognised_in_parts(self, pdf: bytes, pages: int, path: str, limits: FileLimits) -> bytes:
        """Return `pdf` with a layer of text; each run has the whole time for its few pages."""
        most = limits.recognise_pages
        if pages <= most:
            return self._recognised(pdf, path, limits)
        parts = []
        for start in range(0, pages, most):
            numbers = list(range(start, min(start + most, pages)))
            part = isolated(limits.convert, only, pdf, numbers)
            parts.append(self._recognised(part, path, limits))
        return isolated(limits.convert, joined, tuple(parts))

    def ghostscript(self, pdf: bytes, limits: FileLimits) -> bytes:
        """Return what Ghostscript makes of a page of Kho's own (`ghostscript_trial.py`).

        Raises as :meth:`convert`.
        """
        return self._ghostscript(pdf, "/", limits)

    def _ghostscript(self, pdf: bytes, path: str, limits: FileLimits) -> bytes:
        gs = _installed("gs", GHOSTSCRIPT)
        # What PDF/A does not allow is left out, and the comparison sees it.
        # Pictures lose nothing, JPEGs stay as they are.
        command = [
            gs, "-dSAFER", "-dBATCH", "-dNOPAUSE", "-dQUIET", "-sDEVICE=pdfwrite",
            "-dPDFA=3", "-dPDFACompatibilityPolicy=1",
            "-sColorConversionStrategy=RGB", "-dPreserveSeparation=false",
            "-dPreserveDeviceN=false", "-dEmbedAllFonts=true", "-dSubsetFonts=true",
            "-dAutoRotatePages=/None", "-dAutoFilterColorImages=false",
            "-dAutoFilterGrayImages=false",
            "-dColorImageFilter=/FlateEncode", "-dGrayImageFilter=/FlateEncode",
            "-dDownsampleColorImages=false", "-dDownsampleGrayImages=false",
            "-dDownsampleMonoImages=false",
            f"-sOutputFile={_OUT}", _IN,
        ]  # fmt: skip
        return self._run(pdf, path, GHOSTSCRIPT, command, limits.convert)

    def _recognised(self, pdf: bytes, path: str, limits: FileLimits) -> bytes:
        """Return `pdf` with a layer of text. What tesseract cannot read in time stays a picture."""
        if importlib.util.find_spec("ocrmypdf") is None:
            raise FileMustWait(component=OCRMYPDF, why="the extra `ocr` is not installed")
        _installed("tesseract", TESSERACT)
        _installed("gs", GHOSTSCRIPT)
        command = [
            sys.executable, "-P", "-m", "ocrmypdf", "--quiet", "--language", self._limits.languages,
            "--output-type", "pdfa-3", "--optimize", "0", "--jobs", "1", "--tesseract-timeout",
            "120",
            "--max-image-mpixels", str(self._limits.image.pixels // 1_000_000),
            _IN, _OUT,
        ]  # fmt: skip
        return self._run(pdf, path, OCRMYPDF, command, limits.recognise)

    def _run(
        self, pdf: bytes, path: str, component: str, command: Sequence[str], limits: Limits
    ) -> bytes:
        """Return what `command` makes of `pdf`.

        If it fails, a try with a file of Kho shows whose fault it is.
        """
        output = self._output(pdf, component, command, limits)
        if output is not None:
            return output
        if self._output(_probe(), component, command, limits) is None:
            raise FileMustWait(component=component, why="it fails for every file")
        raise refuse(path, "file.not_convertible")

    def _output(
        self, pdf: bytes, component: str, command: Sequence[str], limits: Limits
    ) -> bytes | None:
        with self._workshop.job() as folder:
            try:
                (folder / _IN).write_bytes(pdf)
            except OSError as error:
                raise Unavailable(component="workshop", why=error.strerror or str(error)) from error
            env = {"PATH": os.environ.get("PATH", os.defpath), "OMP_THREAD_LIMIT": "1"}
            # Ghostscript works alone; OCRmyPDF starts Tesseract and Ghostscript.
            if run_confined(command, folder, limits, env, starts=component == OCRMYPDF) != 0:
                return None
            return _read(folder / _OUT, limits)


def _read(out: Path, limits: Limits) -> bytes | None:
    """Return what a program wrote; None if that is no regular file, or is larger than its limit.

    An untrusted file may take a program over. It could leave a pipe, or a link to a file of the
    archive that its user may read.
    """
    try:
        handle = os.open(out, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        status = os.fstat(handle)
        # One name only: a hard link would be another file's bytes.
        if not S_ISREG(status.st_mode) or status.st_nlink != 1 or status.st_size > limits.answer:
            return None
        with os.fdopen(handle, "rb", closefd=False) as opened:
            return opened.read(limits.answer)
    finally:
        os.close(handle)


def _installed(name: str, component: str) -> str:
    """Return the path of a program.

    Raises FileMustWait: only the files that need it wait for it.
    """
    try:
        return program(name, component)
    except Unavailable as error:
        raise FileMustWait(**error.facts) from error


def _probe() -> bytes:
    """Return a page that every program must be able to convert: a grey square."""
    with Pdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(300, 300))
        page.obj.Contents = pdf.make_stream(b"0.5 g 100 100 100 100 re f")
        out = BytesIO()
        pdf.save(out)
    return out.getvalue()
