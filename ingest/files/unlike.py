"""What a person reads of a difference between a file and its PDF/A: the page, the place, and what
it is.
"""

from archive.base.bilingual import Text
from archive.base.errors import Fault
from ingest.files.fidelity import Difference
from ingest.sources.faults import fault

_WORDS = {
    "pages": Text("số trang khác", "the number of pages differs"),
    "sizes": Text("khổ trang khác", "the size of the page differs"),
    "text": Text("chữ khác", "its text differs"),
    "fonts": Text("phông chữ không nhúng được", "a font could not be embedded"),
    "pdfa": Text("không thành PDF/A-3b được", "it does not become PDF/A-3b"),
    "looks": Text("hình trang khác", "it looks different"),
}
_PAGE = Text("trang {page}: ", "page {page}: ")
_PLACE = Text(
    " (cách mép trái {left} mm, mép trên {top} mm)",
    " ({left} mm from the left edge, {top} mm from the upper edge)",
)
_KIND = Text(" ở {kind}", " at {kind}")
_KINDS = {
    "Widget": Text("một ô của biểu mẫu", "a field of the form"),
    "Stamp": Text("một con dấu", "a stamp"),
    "FreeText": Text("một dòng chữ ghi thêm", "a text that was added"),
    "Ink": Text("một nét vẽ tay", "a drawing by hand"),
    "Text": Text("một ghi chú", "a note"),
    "Highlight": Text("một chỗ tô màu", "a highlight"),
}
_OTHER = Text("một chú thích ({kind})", "an annotation ({kind})")


def unlike_fault(path: str, difference: Difference) -> Fault:
    """Return the fault `file.not_faithful` for one difference of the file at `path`."""
    parts = [_WORDS[difference.what]]
    if difference.page:
        parts.insert(0, _PAGE.fill(page=difference.page))
    if difference.kind:
        kind = _KINDS.get(difference.kind, _OTHER.fill(kind=difference.kind))
        parts += [Text(_KIND.vi.format(kind=kind.vi), _KIND.en.format(kind=kind.en))]
    if difference.at is not None:
        parts.append(_PLACE.fill(left=difference.at[0], top=difference.at[1]))
    return fault(
        path,
        "file.not_faithful",
        what_vi="".join(part.vi for part in parts),
        what_en="".join(part.en for part in parts),
    )
