"""Makes golden packets and receipts in `golden/`: each once for its version of the format, never
again.

python -m tests.api.sharing.make_golden [handed]

Version 1 of the packet was made by the Kho of its day. Version 2 holds a document that the sender
rendered and one that it had received; the receipt is of the packet in which that one came. Version
3, and version 2 of the receipt, are of ledgers that had changed their keys.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from api.home import Home
from api.upkeep.key_handover import hand_over
from signing.testpki.running import stop
from tests.api.sharing.conftest import RECEIVER, an_order, make_home, receive
from tests.fixtures.home import CLERK, chart, paper, take

GOLDEN = Path(__file__).with_name("golden")
FIRST = "01001"


def main(handed: bool = False) -> None:
    """Write a packet, a receipt, and the roots they are verified with; never overwrites.

    `handed`: both ledgers change their keys first.
    """
    wanted = ("kho-packet-2.asice", "kho-receipt-1.asice", "roots-2.pem")
    if handed:
        wanted = ("kho-packet-3.asice", "kho-receipt-2.asice", "roots-3.pem")
    packet, receipt, roots = (GOLDEN / name for name in wanted)
    if packet.exists() or receipt.exists():
        raise SystemExit(f"{packet.name} is there: what was handed over once stays as it is")
    folder = Path(tempfile.mkdtemp())
    first = make_home(folder / "first", FIRST, "Bệnh viện Gửi Thử Nghiệm")
    second = make_home(folder / "second", RECEIVER, "Bệnh viện Nhận Thử Nghiệm")
    trust = [home / "testpki" / "trust.pem" for home in (first, second)]
    try:
        with Home.open(first) as sender, Home.open(second) as receiver:
            for home in (sender, receiver) if handed else ():
                hand_over(home, CLERK)
            sent = {**chart(1, papers=[paper("1")]), "facility": FIRST}
            chart_id = take(sender, sent)[0].receipts[0].chart_id
            first_packet = sender.open_for_writing().packets.create(
                an_order(chart_id), CLERK, sender.scope, lambda _: None
            )
            received = receive(receiver, first_packet.data, trust[0])
            own = {**chart(1, papers=[paper("2")]), "facility": RECEIVER}
            own["patient"] = {**own["patient"], "local_id": f"{FIRST}/BN000001"}
            own["chart"] = {**own["chart"], "episode": f"{FIRST}/LK000001"}
            take(receiver, own)
            order = an_order(received.chart_id).model_copy(update={"recipient": FIRST})
            forwarded = receiver.open_for_writing().packets.create(
                order, CLERK, receiver.scope, lambda _: None
            )
            packet.write_bytes(forwarded.data)
            receipt.write_bytes(received.receipt)
            roots.write_bytes(b"".join(file.read_bytes() for file in trust))
    finally:
        for at in (first, second):
            stop(at / "testpki")
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(handed="handed" in sys.argv[1:])
