"""`python -m tests.signing.validation.corpus`: the corpus as files, for looking at and for trying.

With FOLDER: make the corpus there, with `trust.pem` and `listing.json` (a row for each file: file,
maker, level, kind, note, and what EU DSS and Kho say). With FOLDER and `--again`: ask Kho alone
about the files that are there. `--open` writes `open.yaml` by what was said. `--page` writes the
table of `docs/validation.md`.
"""

import argparse
import json
import logging
import shutil
import tempfile
from dataclasses import asdict, replace
from pathlib import Path

from signing.trust import TrustRoots
from tests.judges import java_judge
from tests.judges.dss import Dss
from tests.signing.validation.corpus.catalogue import specimens
from tests.signing.validation.corpus.differences import (
    fault,
    load_differences,
    page_table,
    write_open,
)
from tests.signing.validation.corpus.judged import Judged, judge, kho_word, table
from tests.signing.validation.corpus.specimen import Kind
from tests.signing.validation.corpus.workshop import workshop

_PAGE = Path(__file__).parents[4] / "docs" / "validation.md"
_LISTING, _TRUST = "listing.json", "trust.pem"


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--again", action="store_true", help="ask Kho about the files in FOLDER")
    parser.add_argument("--open", action="store_true", help="write open.yaml")
    parser.add_argument("--page", action="store_true", help="write the table of the page")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)  # the makers' warnings are about test certificates
    if options.page:
        _write_page()
    if options.folder:
        files = (_ask_again if options.again else _make)(options.folder)
        rows = [asdict(file) | {"file": f"{file.name}.pdf"} for file in files]
        listing = json.dumps(rows, ensure_ascii=False, indent=1)
        (options.folder / _LISTING).write_text(listing + "\n", encoding="utf-8")
        differences = load_differences()
        faults = {file.name: text for file in files if (text := fault(file, differences))}
        print(*faults.values(), *table(files), sep="\n")
        print(f"{len(files)} files, {len(faults)} judged wrongly")
        if options.open:
            write_open(faults)


def _make(folder: Path) -> list[Judged]:
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as scratch,
        workshop(Path(scratch) / "pki") as makers,
        Dss(java_judge.build("dss")) as dss,
    ):
        trust = Path(shutil.copy(makers.pki.trust_path, folder / _TRUST))
        return list(judge(specimens(makers), folder, dss, trust))


def _ask_again(folder: Path) -> list[Judged]:
    roots = TrustRoots.from_files(folder / _TRUST)
    files = []
    for row in json.loads((folder / _LISTING).read_text(encoding="utf-8")):
        path = folder / row.pop("file")
        file = Judged(**{**row, "kind": Kind(row["kind"])})
        files.append(replace(file, kho=kho_word(path, roots)))
    return files


def _write_page() -> None:
    text = _PAGE.read_text(encoding="utf-8")
    lines = page_table(load_differences())
    start = text.index(lines[0])
    end = text.find("\n\n", start)
    rest = "\n" if end < 0 else text[end:]
    _PAGE.write_text(text[:start] + "\n".join(lines) + rest, encoding="utf-8")


if __name__ == "__main__":
    main()
