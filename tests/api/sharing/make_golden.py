"""Makes a golden packet in `golden/`: run once for each version of the format, never again for an old one.

python -m tests.api.sharing.make_golden
"""

import shutil
import tempfile
from pathlib import Path

from api.setup import init_demo
from signing.testpki.running import stop
from tests.api.sharing.conftest import an_order
from tests.fixtures.home import CLERK, chart, paper, take

GOLDEN = Path(__file__).with_name("golden")


def main() -> None:
    """Write `kho-packet-1.asice` and the root that it is verified with; refuses to overwrite."""
    packet, root = GOLDEN / "kho-packet-1.asice", GOLDEN / "root.pem"
    if packet.exists():
        raise SystemExit(f"{packet.name} is there: what was handed over once stays as it is")
    folder = Path(tempfile.mkdtemp())
    try:
        with init_demo(folder, CLERK) as home:
            chart_id = take(home, chart(1, papers=[paper("1"), paper("2")]))[0].receipts[0].chart_id
            take(home, chart(1, papers=[paper("2", "Viêm phế quản")]))
            home.deposits.deposit(chart_id, CLERK, home.scope)
            home.packets.create(an_order(chart_id), CLERK, home.scope, lambda data: _write(packet, data))
            root.write_bytes((folder / "testpki" / "trust.pem").read_bytes())
    finally:
        stop(folder / "testpki")
        shutil.rmtree(folder)


def _write(file: Path, data: bytes) -> None:
    file.write_bytes(data)


if __name__ == "__main__":
    main()
