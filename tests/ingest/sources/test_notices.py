"""Notices: text in encodings from before Unicode, and tables that hold keys alone."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.detect import parse_source
from ingest.sources.legacy_text import _encodings, legacy_texts, recognise
from ingest.submission import Submission
from tests.ingest.sources.charts import (
    CATALOG,
    FACILITY,
    accepted,
    chart,
    good,
    json_chart,
    table,
    xml1,
)

NAMES = [
    "Nguyễn Văn Thử",
    "Xã Mẫu",
    "Phạm Thị Hương",
    "Huỳnh Khuyên",
    "viêm phổi thuỳ dưới",
    "tiếp xúc được",
    "Đặng",
]


EMPTY = (
    "<CHI_TIEU_DU_LIEU_GIAY_CHUNG_SINH><DSACH_GIAYCHUNGSINH><DU_LIEU_GIAY_CHUNG_SINH><MA_LK>LK1</MA_LK>"
    "</DU_LIEU_GIAY_CHUNG_SINH></DSACH_GIAYCHUNGSINH></CHI_TIEU_DU_LIEU_GIAY_CHUNG_SINH>"
)


def _encoded(text: str, encoding: str) -> str:
    letters = {letter: old for old, letter in reversed(_encodings()[encoding].items())}
    return "".join(letters.get(letter, letter) for letter in text)


@pytest.mark.parametrize("encoding", ["TCVN3", "VNI"])
@pytest.mark.parametrize("name", NAMES)
def test_an_old_encoding_is_recognised_and_read(name: str, encoding: str) -> None:
    assert recognise(_encoded(name, encoding)) == (encoding, name)


@pytest.mark.parametrize(
    "text",
    [
        *NAMES, "Müller", "Jürgen", "Bjørn", "Noël", "Peña", "café", "5 µg/L", "38°C", "Na⁺ 135",
        "10 × 5", "90±5%",
        "½ viên", "Zoë", "Ê-đê", "Y Ŏt Niê", "H'Bĭa", "Đắk Lắk", "Krông Ana", "K’Brịp", "TM®",
        "naïve", "“abc”", "",
    ],
)  # fmt: skip
def test_other_text_is_left_alone(text: str) -> None:
    assert recognise(text) is None


@given(st.text(max_size=100))
def test_no_text_breaks_the_recogniser(text: str) -> None:
    recognise(text)


def test_notices_have_a_limit() -> None:
    assert len(legacy_texts([("/a", "NguyÔn")] * 1000)) == 20


def _notices(submission: Submission) -> list[tuple[str, str, str | None]]:
    return [
        (notice.fault.path, notice.fault.code, notice.suggestion) for notice in submission.notices
    ]


def test_a_chart_in_an_old_encoding_is_taken_with_a_notice_that_suggests_its_text() -> None:
    submission = accepted(good(HO_TEN="NguyÔn V¨n Thö"))
    assert submission.patient.name == "NguyÔn V¨n Thö"
    assert _notices(submission) == [("/HOSO[1]/XML1/HO_TEN", "text.legacy", "Nguyễn Văn Thử")]
    record: dict[str, Any] = json_chart()
    record["patient"]["name"] = "Nguyeãn Vaên Thöû"
    (parsed,) = parse_source("a.json", json.dumps(record).encode(), CATALOG, FACILITY)
    assert isinstance(parsed, Submission)
    assert _notices(parsed) == [("/patient/name", "text.legacy", "Nguyễn Văn Thử")]


def test_a_table_of_keys_alone_gives_a_notice_and_no_paper() -> None:
    empty = EMPTY.encode()
    submission = accepted(chart(("XML1", table("XML1", xml1())), ("XML9", empty)))
    assert [paper.form for paper in submission.papers] == ["XML1"]
    assert _notices(submission) == [("/HOSO[1]/XML9", "table.empty", None)]
