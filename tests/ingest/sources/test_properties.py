"""What holds for any input: no exception gets out, and how a table was wrapped does not matter."""

import json
import unicodedata
from datetime import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.sources.bhyt.dates import parse_when
from ingest.sources.detect import parse_source
from ingest.submission import RefusedSource, Submission
from tests.ingest.sources.charts import (
    CATALOG,
    FACILITY,
    accepted,
    b64,
    chart,
    envelope,
    file,
    good,
    hoso,
    json_chart,
    table,
    xml1,
)

# What XML 1.0 and Kho both allow in a text.
TEXT = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Co", "Cn"], exclude_characters="<&>"),
    min_size=1,
    max_size=200,
).filter(lambda text: bool(text.strip()))
RECORD = json.dumps(json_chart(), ensure_ascii=False).encode()
quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _parses(data: bytes) -> bool:
    parsed = parse_source("a", data, CATALOG, FACILITY)
    assert parsed
    for each in parsed:
        assert isinstance(each, Submission) or each.faults
    return all(isinstance(each, Submission) for each in parsed)


@quick
@given(st.binary(max_size=400), st.sampled_from([b"", b"{", b"<GIAMDINHHS>", b"\xef\xbb\xbf<"]))
def test_random_bytes_are_refused_and_never_raise(data: bytes, before: bytes) -> None:
    assert not _parses(before + data)


@quick
@given(st.sampled_from([good(), RECORD]), st.data())
def test_a_good_file_with_changed_bytes_never_raises(whole: bytes, choose: st.DataObject) -> None:
    start = choose.draw(st.integers(0, len(whole)))
    end = choose.draw(st.integers(start, min(len(whole), start + 20)))
    _parses(whole[:start] + choose.draw(st.binary(max_size=20)) + whole[end:])


@quick
@given(st.binary(max_size=300))
def test_any_bytes_as_a_table_never_raise(data: bytes) -> None:
    _parses(chart(("XML1", table("XML1", xml1())), ("XML3", data)))
    _parses(envelope(hoso(file("XML1", data))))


@quick
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4)
        ),
        max_leaves=20,
    ),
    st.sampled_from(["patient", "chart", "papers", "facility", "format", "x"]),
)
def test_any_json_in_a_record_never_raises(value: object, member: str) -> None:
    _parses(json.dumps({**json_chart(), member: value}).encode())


@quick
@given(TEXT)
def test_text_comes_through_every_wrapping_alike(text: str) -> None:
    own = table("XML1", xml1(CHAN_DOAN_RV=text))
    wrapped = (b64(own), own, b"<![CDATA[" + own + b"]]>")
    submissions = [accepted(envelope(hoso(file("XML1", content)))) for content in wrapped]
    assert submissions[0] == submissions[1] == submissions[2]
    part = submissions[0].papers[0].part
    assert part is not None
    assert part.data == own
    assert submissions[0].papers[0].data["CHAN_DOAN_RV"] == unicodedata.normalize(
        "NFC", text.strip()
    )


@quick
@given(st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)))
def test_a_written_time_is_the_time_that_is_read(moment: datetime) -> None:
    when = parse_when(f"{moment:%Y%m%d%H%M}")
    assert when.moment().replace(tzinfo=None) == moment.replace(second=0, microsecond=0)
    assert parse_when(f"{moment:%Y%m%d}").iso() == moment.date().isoformat()


def test_a_refused_source_always_says_why() -> None:
    (refused,) = parse_source("a", b"", CATALOG, FACILITY)
    assert isinstance(refused, RefusedSource)
    assert refused.faults
