"""Notices at the doors: an archive takes text in an old encoding with a notice, or refuses it where it says so."""

import json
from collections.abc import Callable

from api.home import Home
from api.intake import Intake
from tests.fixtures.home import CLERK, chart, take

OLD = "NguyÔn V¨n Thö"


def test_text_in_an_old_encoding_is_archived_with_a_notice(fresh_home: Callable[[], Home]) -> None:
    record = chart()
    record["patient"]["name"] = OLD
    (result,) = take(fresh_home(), record)
    assert result.receipts
    (line, *_) = result.lines()
    (notice,) = line["notices"]
    assert (notice["path"], notice["code"]) == ("/patient/name", "text.legacy")
    assert notice["suggestion"] == "Nguyễn Văn Thử"


def test_a_facility_may_refuse_it(fresh_home: Callable[[], Home]) -> None:
    home, record = fresh_home(), chart()
    record["patient"]["name"] = OLD
    intake = home.settings.intake.model_copy(update={"legacy_text": "refuse"})
    home.settings = home.settings.model_copy(update={"intake": intake})
    (result,) = Intake(home, CLERK, home.scope).take("a.json", json.dumps(record).encode())
    assert [(fault.path, fault.code) for fault in result.faults] == [("/patient/name", "text.legacy")]
    assert OLD not in str(result.faults)
