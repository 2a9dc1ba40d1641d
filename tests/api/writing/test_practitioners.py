"""An archived certificate names its practitioner, as another table of its chart states the name."""

import io
from collections.abc import Callable

import pikepdf

from api.home import Home
from api.writing.intake import Intake
from tests.fixtures.home import CLERK
from tests.ingest.render.reading import squeezed, text
from tests.ingest.sources.charts import b64, envelope, file, hoso, table, xml1


def test_an_archived_certificate_has_the_name_and_its_table_stays_as_received(
    fresh_home: Callable[[], Home],
) -> None:
    home = fresh_home()
    leave = table("XML11", {"MA_LK": "LK1", "MA_BS": "D1"})
    tables = {
        "XML1": table("XML1", xml1(MA_CSKCB=home.code)),
        "XML7": table("XML7", {"MA_LK": "LK1", "MA_BS": "D1", "TEN_BS": "Bs. Trần Văn Thử"}),
        "XML11": leave,
    }
    files = hoso(*(file(code, b64(content)) for code, content in tables.items()))
    intake = Intake(home.open_for_writing(), CLERK, home.scope)
    (result,) = intake.take("a.xml", envelope(files, facility=home.code))
    (receipt,) = [each for each in result.receipts if each.form == "XML11"]
    _, data = home.open_for_reading().originals.original(receipt.document_id, CLERK, home.scope)
    assert squeezed("D1 – Bs. Trần Văn Thử") in squeezed(text(data))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        attached = {name: each.get_file().read_bytes() for name, each in pdf.attachments.items()}
    assert attached["XML11.xml"] == leave
    assert "Trần Văn Thử" not in attached["record.json"].decode()
