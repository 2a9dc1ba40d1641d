"""Typst as the renderer: a job becomes a tagged PDF/A-3a + PDF/UA-1, always with the same bytes.

Data reaches Typst as JSON in `sys.inputs` and is only ever shown as text: no layout evaluates it as
markup.
"""

import json
import threading
from pathlib import Path
from typing import Any

import typst

from ingest.forms.model import Form, Layout
from ingest.render.errors import RenderFailed
from ingest.render.fonts import load_fonts
from ingest.render.job import Attachment, RenderJob
from ingest.render.view import view

ROOT = Path(__file__).parent  # what layouts can import: /lib/kho.typ
_GENERAL = ROOT / "lib" / "general_layout.typ"
_SHEET = ROOT / "lib" / "sheet_layout.typ"
_SUSPECTS = b"/Suspects false"
_MARKED = b"/MarkInfo<</Marked true" + _SUSPECTS + b">>"
_COVER = ROOT / "lib" / "cover_layout.typ"
WARM = 48  # compilers that are kept, one for each form: the memory of a process is bounded


class Renderer:
    """Renders papers; keep one for each process: it keeps fonts, and warm compilers of the forms
    that it rendered last.

    Safe to share between threads, which then wait for each other: for speed take processes.
    """

    def __init__(self) -> None:
        """Load the pinned fonts; raises :class:`archive.base.errors.IntegrityError` when one is not
        the pinned one.
        """
        self._fonts = load_fonts()
        self._general, self._cover = _GENERAL.read_bytes(), _COVER.read_bytes()
        self._sheet = _SHEET.read_bytes()
        self._compilers: dict[tuple[str, int], typst.Compiler] = {}
        self._lock = threading.Lock()

    def render(self, job: RenderJob) -> bytes:
        """Return the paper of `job`, ending in exactly one line feed after `%%EOF`.

        The line feed keeps the file PDF/A when the seal's revision is appended (ISO 19005-3,
        6.1.9). Raises :class:`RenderFailed`.
        """
        inputs = {
            "view": json.dumps(view(job), ensure_ascii=False),
            "attachments": json.dumps(
                [_attached(each) for each in job.attachments], ensure_ascii=False
            ),
        }
        main = self._layout(job)
        try:
            with self._lock:
                pdf = self._compiler(job.form).compile(
                    input=main,
                    format="pdf",
                    sys_inputs=inputs,
                    pdf_standards=["a-3a", "ua-1"],
                    timestamp=int(job.claimed_at.timestamp()),
                )
        except typst.TypstError:
            # its message may quote the patient's data
            raise RenderFailed(form=job.form.code) from None
        assert isinstance(pdf, bytes)
        return without_suspects(pdf).rstrip(b"\r\n") + b"\n"

    def _layout(self, job: RenderJob) -> bytes:
        if job.file is not None:
            return self._cover
        if job.form.layout is Layout.SHEET:
            return self._sheet
        return job.form.layout_text.encode() if job.form.layout_text is not None else self._general

    def _compiler(self, form: Form) -> typst.Compiler:
        key = form.code, form.version
        compiler = self._compilers.pop(key, None)
        if compiler is None:
            compiler = typst.Compiler(root=str(ROOT), font_paths=self._fonts)
        self._compilers[key] = compiler  # the last one used is the last one
        while len(self._compilers) > WARM:
            del self._compilers[next(iter(self._compilers))]
        return compiler


def without_suspects(pdf: bytes) -> bytes:
    """Return `pdf` without `/Suspects false` in its catalogue, which is what its absence means (ISO
    32000-1, table 321). Blanks take its place, so every offset stays.
    """
    start, marked, rest = pdf.rpartition(_MARKED)
    return start + marked.replace(_SUSPECTS, b" " * len(_SUSPECTS)) + rest


def _attached(attachment: Attachment) -> dict[str, Any]:
    """Return `attachment` for `lib/paper.typ`: UTF-8 as text, which is quick, and other bytes as
    numbers.
    """
    try:
        data: str | list[int] = attachment.data.decode("utf-8")
    except UnicodeDecodeError:
        data = list(attachment.data)
    return {
        "name": attachment.name,
        "media_type": attachment.media_type,
        "data": data,
        "relationship": attachment.relationship,
        "description": attachment.description,
    }
