"""Words as a form to draw: the text of a field that brings no appearance, in Kho's own font.

Typst sets all texts of a file at once, one page for each.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

import pikepdf
from pikepdf import Pdf, Stream

from ingest.files.pdf_entries import remove
from ingest.render.fonts import coverage, load_fonts

if TYPE_CHECKING:
    import typst

_LAYOUT = b"""
#set document(title: "x", date: none)
#set text(font: "Kho Serif", lang: "vi", hyphenate: false)
#set par(leading: 0.35em)
#for each in json(bytes(sys.inputs.texts)) {
  page(width: each.width * 1pt, height: each.height * 1pt, margin: each.padding * 1pt, fill: none,
    block(width: 100%, height: 100%, clip: true, layout(room => {
      let lines = each.text.split("\\n").join(linebreak())
      let set_at(size) = text(size: size, fill: rgb(..each.color.map(part => part * 100%)), lines)
      let size = each.size * 1pt
      if each.size == 0 {
        size = if each.lines { 12pt } else { calc.min(room.height * 0.8, 12pt) }
        let fits(size) = {
          let needed = measure(set_at(size), width: if each.lines { room.width } else { auto })
          needed.width <= room.width and needed.height <= room.height * 1.2
        }
        while size > 4pt and not fits(size) { size -= 0.5pt }
      }
      let vertical = if each.lines { top } else { horizon }
      let horizontal = (left, center, right).at(each.quadding)
      if each.cells > 0 {
        grid(columns: (1fr,) * each.cells, rows: 100%, align: center + horizon,
          ..each.text.clusters().map(letter => text(size: size, letter)))
      } else {
        align(vertical + horizontal, set_at(size))
      }
    })))
}
"""
_LEAST = 1.0  # point: a side of a page


@dataclass(frozen=True, slots=True)
class Typed:
    """A text and its box, in points.

    `size` 0: as large as fits, 12 at most; `color` is red, green and blue from 0 to 1; `quadding`
    is 0 left, 1 centre, 2 right; `cells`: as many combs (0: none); `lines`: broken at the box.
    """

    text: str
    width: float
    height: float
    size: float = 0
    color: tuple[float, float, float] = (0, 0, 0)
    quadding: int = 0
    cells: int = 0
    lines: bool = False
    padding: float = 2


def unshowable(text: str) -> str:
    """Return the letters of `text` that the font does not have."""
    return "".join(sorted({c for c in text if ord(c) not in coverage() and not c.isspace()}))


def typed(pdf: Pdf, texts: Sequence[Typed]) -> list[Stream]:
    """Return each text as a form XObject of `pdf`, its box as large as asked for."""
    if not texts:
        return []
    wanted = json.dumps([_bounded(each) for each in texts], ensure_ascii=False)
    compiled = _compiler().compile(
        input=_LAYOUT, format="pdf", sys_inputs={"texts": wanted}, timestamp=0
    )
    assert isinstance(compiled, bytes)
    with pikepdf.open(BytesIO(compiled)) as pages:
        forms: list[Stream] = []
        for page in pages.pages:
            form = pdf.copy_foreign(page.as_form_xobject())
            assert isinstance(form, Stream)
            remove(form, "/Group", "/StructParents")
            form.write(_untagged(form))
            forms.append(form)
    return forms


def _bounded(text: Typed) -> dict[str, object]:
    padding = min(text.padding, text.width / 4, text.height / 4)
    sides = {"width": max(text.width, _LEAST), "height": max(text.height, _LEAST)}
    return {**asdict(text), **sides, "padding": max(padding, 0)}


def _untagged(form: Stream) -> bytes:
    """Return the operators of `form` without marked content: its structure is not taken along."""
    return pikepdf.unparse_content_stream(
        [
            instruction
            for instruction in pikepdf.parse_content_stream(form)
            if str(instruction.operator) not in _MARKS
        ]
    )


_MARKS = frozenset({"BDC", "BMC", "EMC"})


@cache
def _compiler() -> "typst.Compiler":
    import typst  # here, because few files have fields without appearances

    return typst.Compiler(font_paths=load_fonts())
