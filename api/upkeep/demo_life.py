"""What a demonstration's clerk finds beside the charts: a packet whose receipt is awaited, and a
source that was refused.
"""

import json
from pathlib import Path

from api.home import Home
from api.reading.typed_filters import chart_filter
from api.sharing.order import parse_order
from api.writing.intake import Intake
from archive.access.actor import Actor
from archive.catalog.listings import Order
from archive.files.durable import create_file

_RECIPIENT = "99002"  # an invented facility
_REASON = "Chuyển tuyến điều trị tiếp"
_REFUSED = {  # a HIS that writes dates as it likes, and forgets the department
    "format": "kho-chart/1",
    "facility": "",
    "patient": {"local_id": "BN-MAU-SAI", "name": "Trần Văn Mẫu Sai", "birth_date": "1980-13-40"},
    "chart": {"episode": "LK-MAU-SAI", "kind": "inpatient"},
    "papers": [],
}


def give_life(home: Home, actor: Actor, samples: Path) -> None:
    """Make the packet and the refusal once; `samples`: the folder of a demonstration's charts."""
    done = samples / ".lively"
    if done.exists():
        return
    archive = home.open_for_writing()
    charts = archive.reading.records.chart_table(
        chart_filter({}), Order("received"), 1, 0, actor, home.scope
    ).charts
    if charts:
        order = parse_order(charts[0].chart.id, _RECIPIENT, _REASON)
        archive.packets.create(order, actor, home.scope, lambda _: None)
    refused = json.dumps({**_REFUSED, "facility": home.code}, ensure_ascii=False).encode()
    list(Intake(archive, actor, home.scope).take("his-ngay-sai.json", refused))
    create_file(done, b"")
