"""The kind of a source is known by its content; its name says nothing."""

import json

import pytest

from ingest.sources.detect import parse_source
from ingest.submission import Submission
from tests.ingest.sources.charts import CATALOG, FACILITY, good, json_chart

RECORD = json.dumps(json_chart()).encode()


@pytest.mark.parametrize("name", ["a.xml", "a.json", "a.pdf", "a", "../../a"])
@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\n \t"])
def test_names_and_marks_do_not_matter(name: str, before: bytes) -> None:
    for data in (good(), RECORD):
        (parsed,) = parse_source(name, before + data, CATALOG, FACILITY)
        assert isinstance(parsed, Submission)
        assert parsed.source == name


def test_comments_before_the_root_do_not_matter() -> None:
    (parsed,) = parse_source("a", b"<!-- <x> --><?y?>" + good(), CATALOG, FACILITY)
    assert isinstance(parsed, Submission)
