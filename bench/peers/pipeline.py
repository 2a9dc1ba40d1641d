"""The straightforward pipeline: Jinja and WeasyPrint for the page, pyHanko for the seal, a file,
SQLite FTS5.

Each library as its documentation writes it; everything that can be made once is made once.
Arguments: a folder for files and index, the paper (JSON), then those of `sealing.py` but for the
PDF.
"""

import itertools
import json
import logging
import sqlite3
import sys
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from weasyprint import HTML, Attachment
from weasyprint.text.fonts import FontConfiguration

from bench.loop import pin, serve
from bench.peers.sealing import sealing


def main() -> None:
    """Archive the same paper under a new number each time, until it is found."""
    pin()
    logging.disable(logging.CRITICAL)
    folder, paper_file, *services = sys.argv[1:]
    files, paper = Path(folder), json.loads(Path(paper_file).read_text("utf-8"))
    template = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True
    ).get_template("sheet.html")
    fonts, does = FontConfiguration(), sealing(*services)
    index = sqlite3.connect(files / "index.db")
    index.execute("PRAGMA journal_mode=WAL")
    index.execute(
        "CREATE VIRTUAL TABLE documents USING fts5(id UNINDEXED, name, body, tokenize='unicode61')"
    )
    numbers = itertools.count()

    def archive() -> int:
        number = next(numbers)
        record = Attachment(string=paper["record"], name="record.json", relationship="Source")
        pdf = HTML(string=template.render(paper=paper, number=number)).write_pdf(
            pdf_variant="pdf/a-3b", attachments=[record], font_config=fonts
        )
        sealed = does.seal(pdf)
        (files / f"{number}.pdf").write_bytes(sealed)
        with index:
            index.execute(
                "INSERT INTO documents VALUES (?, ?, ?)",
                (number, f"{paper['patient']['name']} {number}", paper["record"]),
            )
        (total,) = index.execute(
            "SELECT id FROM documents WHERE documents MATCH ? ORDER BY rank", (f"name:{number}",)
        ).fetchone()
        assert total == number
        return len(sealed)

    serve(archive)


if __name__ == "__main__":
    main()
