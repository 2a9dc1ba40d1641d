"""Makes a golden archive of a new format version: `python -m tests.golden.make NAME [files]`. It overwrites none.

With `files` it holds a document of each origin, made of finished files, instead of papers made from data.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

from api.home import Home
from api.intake import Intake, Result
from api.setup import init_demo
from archive.catalog import projection
from signing.testpki.running import stop
from tests.fixtures.finished import paper_of
from tests.fixtures.home import CLERK, chart, paper, take
from tests.ingest.files.papers import image_file, plain_pdf, signed

HERE = Path(__file__).parent


def main(name: str, *kind: str) -> None:
    """Archive and deposit one chart, and keep the vault, the root and what the acts say."""
    kept = HERE / name
    kept.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        home_folder = Path(folder) / "home"
        with init_demo(home_folder, CLERK) as home:
            (result,) = take_files(home) if kind == ("files",) else take_twice(home)
            home.deposits.deposit(result.receipts[0].chart_id, CLERK, home.scope)
            home.follow_up()
            keep(home, kept)
        stop(home_folder / "testpki")


def take_twice(home: Home) -> list[Result]:
    """Archive a paper and its successor."""
    take(home, chart())
    return take(home, chart(papers=[paper("1", "Viêm phổi nặng")]))


def take_files(home: Home) -> list[Result]:
    """Archive a paper from data, and one finished file of every nature, each as small as it can be."""
    files = {
        "external.pdf": signed(home.sealer, archival=True),
        "cover.pdf": signed(home.sealer, archival=False),
        "converted.pdf": plain_pdf(),
        "scanned.png": image_file("PNG", mode="1", resolution=100),
    }
    record = chart(papers=[paper("1"), *(paper_of(name) for name in files)])
    return list(Intake(home, CLERK, home.scope).take("chart.json", json.dumps(record).encode(), files))


def keep(home: Home, kept: Path) -> None:
    """Copy what a reader of later years will have: the vault, a trust root, and what was true of them."""
    shutil.copytree(home.folder / "vault", kept / "vault")
    shutil.copy(home.folder / "testpki" / "trust.pem", kept / "root.pem")
    with home.catalog.read() as session:
        (kept / "dump.jsonl").write_bytes(b"\n".join(sorted(projection.lines(session))) + b"\n")
    (kept / "made_at.txt").write_text(home.clock.now().isoformat() + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
