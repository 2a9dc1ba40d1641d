"""Work on what comes in grows as its size does: counted in steps of the interpreter, never in
seconds.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from archive.access.scope import Scope
from archive.base.errors import SubmissionRejected
from archive.base.identifiers import FacilityCode, Sha256
from archive.base.text import line, stream_safe
from ingest.accession.new_papers import new_papers
from ingest.manifest import values
from ingest.manifest.table import read_table
from ingest.record import Said
from ingest.render.printable import printable
from ingest.sources.detect import parse_source
from ingest.sources.legacy_text import recognise
from ingest.sources.strict_json import parse_json
from ingest.sources.strict_xml import parse_xml
from search import vietnamese
from search.highlight import Highlighter
from search.plan import plan
from search.query import parse
from tests.archive.counting import must_be_linear
from tests.ingest.sources.charts import CATALOG, FACILITY, accepted, chart, json_chart, table, xml1

SCOPE = Scope(FacilityCode("99001"), None)
HIGHLIGHTER = Highlighter(plan(parse("viêm phổi"), SCOPE))


class _Key(str):
    """A key whose comparisons are steps: those of :class:`str` happen in C, where they are not
    counted.
    """

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other) is True


def _json_record(papers: int) -> object:
    paper = json_chart()["papers"][0]
    record = json_chart(papers=[{**paper, "key": f"k{place}"} for place in range(papers)])
    return parse_source("a.json", json.dumps(record).encode(), CATALOG, FACILITY)


def _xml_rows(rows: int) -> object:
    many = ({"MA_LK": "LK1", "STT": str(place), "TEN_DICH_VU": "Khám"} for place in range(rows))
    return accepted(chart(("XML1", table("XML1", xml1())), ("XML3", table("XML3", *many))))


def _refused(work: Callable[[], object]) -> None:
    with pytest.raises(SubmissionRejected):
        work()


WORK: dict[str, tuple[Callable[[int], object], int]] = {
    "papers of a JSON record": (_json_record, 10),
    "rows of an XML table": (_xml_rows, 20),
    "members of a JSON object": (
        lambda n: parse_json(json.dumps({f"k{i}": i for i in range(n)}).encode()),
        50,
    ),
    "digits of a JSON number": (
        lambda n: _refused(partial(parse_json, b"[1." + b"1" * n + b"]")),
        200,
    ),
    "brackets of JSON": (lambda n: _refused(partial(parse_json, b"[" * n)), 200),
    "quotation marks of JSON": (lambda n: _refused(partial(parse_json, b'"' * n)), 200),
    "attributes of XML": (
        lambda n: parse_xml(b"<a " + b" ".join(b'b%d="1"' % i for i in range(n)) + b"/>", "/"),
        50,
    ),
    "CDATA sections of XML": (
        lambda n: parse_xml(b"<a>" + b"<![CDATA[x]]>" * n + b"</a>", "/"),
        50,
    ),
    "rows of a manifest": (
        lambda n: read_table(("Tệp;Mã LK;Họ tên\n" + "a;b;c\n" * n).encode()),
        20,
    ),
    "letters of a file's name": (lambda n: values.key_of("/" * n), 100),
    "a long word on paper": (lambda n: printable("a" * n), 100),
    "codes on paper": (lambda n: printable("‹U+AAAA" * n), 100),
    "marks that search reads": (lambda n: vietnamese.words("a" + "\u0301\u0323" * n), 100),
    "ligatures that search reads": (lambda n: vietnamese.spans("½\u0301" * n), 100),
    "words that are marked": (lambda n: HIGHLIGHTER.ranges("body", "viêm phổi " * n), 20),
    "a line": (lambda n: line(" a" * n), 100),
    "marks of an unsafe text": (lambda n: stream_safe("\u0301\u0323" * n), 100),
    "words in an old encoding": (lambda n: recognise("NguyÔn " * n), 10),
}


@pytest.mark.parametrize("name", WORK)
def test_work_grows_as_its_input_does(name: str) -> None:
    work, size = WORK[name]
    must_be_linear(work, size)


def test_a_query_has_a_longest_input() -> None:
    assert parse("a:" * 100_000).beyond <= 2_000


def test_papers_stated_twice_are_found_in_one_pass() -> None:
    submission = accepted(chart(("XML1", table("XML1", xml1()))))

    def look(papers: int) -> None:
        many = tuple(replace(submission.papers[0], key=_Key(place)) for place in range(papers))
        said = Said(tuple(Sha256("0" * 64) for _ in many), Sha256("0" * 64))
        assert len(new_papers(replace(submission, papers=many), said, None)) == papers

    must_be_linear(look, 50)
