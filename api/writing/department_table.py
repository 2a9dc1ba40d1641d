"""A table of departments as a hospital has it: CSV with the columns code, name and day."""

import csv
import io
from datetime import date

from api.writing.departments import DepartmentInvalid
from archive.base.departments import DepartmentName
from ingest.manifest.columns import plain
from ingest.sources import utf8
from search import dates

MOST_BYTES = 1 << 20
_DELIMITERS = ";,\t"
# The headers that a column may have, as people write them.
_HEADERS = {
    "code": {"mã khoa", "mã", "code", "department"},
    "name": {"tên khoa", "tên", "name"},
    "since": {"từ ngày", "ngày", "from", "since"},
}


def read_table(data: bytes, today: date) -> list[DepartmentName]:
    """Return the names in a table; a row without a day counts from `today`.

    `data`: UTF-8, with `;`, `,` or tabs between the columns, and a header in the first row. Raises
    DepartmentInvalid with the number of the row, SubmissionRejected for another encoding.
    """
    text = utf8.decode(data, "/")
    delimiter = max(_DELIMITERS, key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise DepartmentInvalid(
            why_vi=f"không đọc được dòng {reader.line_num} của bảng",
            why_en=f"line {reader.line_num} of the table cannot be read",
        ) from error
    places = _places(rows[0] if rows else [])
    return [_named(number, row, places, today) for number, row in enumerate(rows[1:], 2)]


def _places(header: list[str]) -> dict[str, int]:
    """Return where each column is. Raises DepartmentInvalid where the code or the name is not."""
    known = {plain(text): column for column, texts in _HEADERS.items() for text in texts}
    places = {known[plain(text)]: at for at, text in enumerate(header) if plain(text) in known}
    if not {"code", "name"} <= places.keys():
        raise DepartmentInvalid(
            why_vi="dòng đầu của bảng phải có cột mã khoa và cột tên khoa (có thể thêm từ ngày)",
            why_en="the first row of the table needs the columns code and name (and may have from)",
        )
    return places


def _named(number: int, row: list[str], places: dict[str, int], today: date) -> DepartmentName:
    cells = {column: row[at].strip() if at < len(row) else "" for column, at in places.items()}
    typed = cells.get("since", "")
    since = dates.full_day(typed) if typed else today
    if since is None or not cells["code"] or not cells["name"]:
        raise DepartmentInvalid(
            why_vi=f"dòng {number} cần mã khoa, tên khoa, và ngày theo dạng 31/12/2026",
            why_en=f"row {number} needs a code, a name, and a day as 31/12/2026",
        )
    return DepartmentName(cells["code"], cells["name"], since)
