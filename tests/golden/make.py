"""Makes the golden archive of a new format version: `python -m tests.golden.make NAME`. It never overwrites one."""

import shutil
import sys
import tempfile
from pathlib import Path

from api.home import Home
from api.setup import init_demo
from archive.catalog import projection
from signing.testpki.running import stop
from tests.fixtures.home import CLERK, chart, paper, take

HERE = Path(__file__).parent


def main(name: str) -> None:
    """Archive one chart (a paper and its successor), deposit it, and keep the vault, the root and what the acts say."""
    kept = HERE / name
    kept.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        home_folder = Path(folder) / "home"
        with init_demo(home_folder, CLERK) as home:
            take(home, chart())
            (result,) = take(home, chart(papers=[paper("1", "Viêm phổi nặng")]))
            home.deposits.deposit(result.receipts[0].chart_id, CLERK, home.scope)
            home.follow_up()
            keep(home, kept)
        stop(home_folder / "testpki")


def keep(home: Home, kept: Path) -> None:
    """Copy what a reader of later years will have: the vault, a trust root, and what was true of them."""
    shutil.copytree(home.folder / "vault", kept / "vault")
    shutil.copy(home.folder / "testpki" / "trust.pem", kept / "root.pem")
    with home.catalog.read() as session:
        (kept / "dump.jsonl").write_bytes(b"\n".join(sorted(projection.lines(session))) + b"\n")
    (kept / "made_at.txt").write_text(home.clock.now().isoformat() + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
