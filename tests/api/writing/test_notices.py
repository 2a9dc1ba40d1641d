"""Notices at the doors: an archive takes text in an old encoding with a notice, or refuses it where
it says so.
"""

import json
import re
from collections.abc import Callable
from html import unescape

import pytest

from api.home import Home
from api.web.app import create_app
from api.web.texts import text
from api.writing.intake import Intake
from archive.base.bilingual import Language
from tests.fixtures.browsing import Visitor, with_accounts
from tests.fixtures.home import CLERK, chart, paper, take

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
    (result,) = Intake(home.open_for_writing(), CLERK, home.scope).take(
        "a.json", json.dumps(record).encode()
    )
    assert [(fault.path, fault.code) for fault in result.faults] == [
        ("/patient/name", "text.legacy")
    ]
    assert OLD not in str(result.faults)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_pages_of_chart_and_document_say_it_too(
    fresh_home: Callable[[], Home], language: Language
) -> None:
    home, old = fresh_home(), chart(1, papers=[paper("1", "Viªm phæi")])
    old["patient"]["name"] = OLD
    visitor = Visitor(create_app(home, with_accounts(home)))
    visitor.sign_in()
    said = {}
    for record in (old, chart(2)):
        (result,) = take(home, record)
        (receipt,) = result.receipts
        for address in (f"/charts/{receipt.chart_id}", f"/documents/{receipt.document_id}"):
            page = unescape(
                visitor.get(f"{address}?language={language}", follow_redirects=True).text
            )
            notice = page.partition(text("legacy.lead", language))[2].partition("</div>")[0]
            said[record["chart"]["episode"], address.split("/")[1]] = re.findall(
                r"TCVN3: (?:<[^>]*>)?([^<]+)", notice
            )
    assert said == {
        ("LK000001", "charts"): ["Nguyễn Văn Thử"],
        ("LK000001", "documents"): ["Nguyễn Văn Thử", "Viêm phổi"],
        ("LK000002", "charts"): [],
        ("LK000002", "documents"): [],
    }
