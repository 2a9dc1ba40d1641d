"""The hostile corpus: a file for every fault that content can have, built by code, with the place
to be named.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from archive.base.facts import MOST_LISTED
from ingest.sources.limits import DEFAULT_LIMITS, Limits
from tests.archive.marks import MARKS
from tests.ingest.sources.charts import (
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


@dataclass(frozen=True)
class Hostile:
    """A file that must be refused with `code` at `path`."""

    name: str
    data: bytes
    code: str
    path: str = "/"
    limits: Limits = DEFAULT_LIMITS


ONE = "/HOSO[1]"
_LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
_XXE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'


def small(**changes: int) -> Limits:
    """Return the usual limits with some of them lowered."""
    return replace(DEFAULT_LIMITS, **changes)


def _json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def any_source() -> Iterator[Hostile]:
    """Files that are no source at all."""
    yield Hostile("empty", b"", "source.empty")
    yield Hostile("white-space", b"\xef\xbb\xbf \n\t" * 1, "source.empty")
    yield Hostile(
        "oversized", b"{" + b" " * 200, "source.too_large", limits=small(source_bytes=100)
    )
    yield Hostile(
        "oversized-json", b"{" + b" " * 200, "source.too_large", limits=small(record_bytes=100)
    )
    yield Hostile("pdf", b"%PDF-1.7\n", "source.file_alone")
    yield Hostile("gzip", b"\x1f\x8b\x08\x00" + bytes(40), "source.unknown_kind")
    yield Hostile("zip", b"PK\x03\x04" + bytes(40), "source.unknown_kind")
    yield Hostile("other-xml", b"<HSCHUNGTU/>", "source.unknown_kind")
    yield Hostile("json-list", b"[1]", "source.unknown_kind")
    yield Hostile("utf-16-xml", "<GIAMDINHHS/>".encode("utf-16"), "text.encoding")
    yield Hostile("utf-16-json", json.dumps(json_chart()).encode("utf-16"), "text.encoding")


def broken_xml() -> Iterator[Hostile]:
    """Files whose XML is broken, or made to break its reader."""
    yield Hostile("truncated", good()[:-20], "xml.malformed")
    yield Hostile("two-roots", good() + b"<x/>", "xml.malformed")
    yield Hostile("declaration-only", b'<?xml version="1.0"?>', "xml.malformed")
    yield Hostile(
        "billion-laughs", envelope(hoso(file("XML1", b"&c;")), head=_LAUGHS), "xml.doctype"
    )
    yield Hostile("xxe", envelope(hoso(file("XML1", b"&e;")), head=_XXE), "xml.doctype")
    yield Hostile(
        "external-dtd",
        envelope(head='<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'),
        "xml.doctype",
    )
    yield Hostile("undefined-entity", envelope(hoso(file("XML1", b"&e;"))), "xml.malformed")
    yield Hostile("deep", envelope(b"<x>" * 5000 + b"</x>" * 5000), "xml.too_deep")
    yield Hostile(
        "deep-nested", envelope(hoso(file("XML1", b"<x>" * 5000 + b"</x>" * 5000))), "xml.too_deep"
    )
    yield Hostile(
        "wide", envelope(hoso(b"<x/>" * 600)), "xml.too_many_elements", limits=small(elements=500)
    )
    yield Hostile(
        "long-comment", b"<!--" + b" " * 3_000_000 + b"-->" + good(), "xml.token_too_long"
    )
    attribute = good().replace(b"<HOSO>", b'<HOSO a="' + b" " * 3_000_000 + b'">')
    yield Hostile("long-attribute", attribute, "xml.token_too_long")
    yield Hostile("mixed", envelope(hoso(file("XML1", b"")) + b"lost words"), "xml.mixed")
    yield Hostile("nul", good().replace(b"LOAIHOSO", b"LOAI\x00HOSO", 1), "text.nul")
    latin = "<TONG_HOP>é</TONG_HOP>".encode("latin-1")
    yield Hostile("latin-1", envelope(hoso(file("XML1", latin))), "text.encoding")
    table_path = f"{ONE}/XML1"
    inner = table("XML1", xml1())
    yield Hostile("inner-xxe", chart(("XML1", _XXE.encode() + inner)), "xml.doctype", table_path)
    yield Hostile("inner-truncated", chart(("XML1", inner[:-5])), "xml.malformed", table_path)
    yield Hostile(
        "inner-utf-16",
        chart(("XML1", inner.decode().encode("utf-16"))),
        "text.encoding",
        table_path,
    )
    yield Hostile("inner-nul", chart(("XML1", inner + b"\x00")), "text.nul", table_path)


def broken_envelopes() -> Iterator[Hostile]:
    """Envelopes that hold no chart of ours."""
    yield Hostile("no-chart", envelope(), "envelope.no_chart", "/THONGTINHOSO/DANHSACHHOSO")
    many = envelope(hoso(), hoso(), hoso())
    yield Hostile(
        "many-charts",
        many,
        "envelope.too_many_charts",
        "/THONGTINHOSO/DANHSACHHOSO",
        small(charts=2),
    )
    episode = hoso(file("XML1", b64(table("XML1", xml1()))))
    yield Hostile(
        "other-facility",
        envelope(episode, facility="99999"),
        "facility.other",
        "/THONGTINDONVI/MACSKCB",
    )
    nowhere = envelope(hoso(file("XML1", b64(table("XML1", xml1(MA_CSKCB=""))))), facility="")
    yield Hostile("no-facility", nowhere, "facility.missing", "/THONGTINDONVI/MACSKCB")


def broken_charts() -> Iterator[Hostile]:
    """Charts that are refused though their envelope is good."""
    yield Hostile("empty-chart", envelope(hoso(file("XML1", b""))), "chart.no_table", ONE)
    many = envelope(hoso(*[file("XML1", b"")] * 5))
    yield Hostile("many-files", many, "chart.too_many_files", ONE, small(files_of_a_chart=4))
    yield Hostile("no-key", good(MA_LK=""), "chart.key_missing", ONE)
    cover = ("XML1", table("XML1", xml1()))
    other = chart(
        cover, ("XML2", table("XML2", {"MA_LK": "LK1", "STT": "1"}, {"MA_LK": "LK2", "STT": "2"}))
    )
    yield Hostile("other-key", other, "chart.key_differs", f"{ONE}/XML2/CHI_TIET_THUOC[2]/MA_LK")
    keyless = chart(cover, ("XML2", table("XML2", {"STT": "1"})))
    yield Hostile(
        "row-without-key", keyless, "chart.key_missing", f"{ONE}/XML2/CHI_TIET_THUOC[1]/MA_LK"
    )
    unnamed = chart(("XML7", table("XML7", {"MA_LK": "LK1", "NGAY_RA": "202601151000"})))
    yield Hostile("unnamed", unnamed, "chart.patient_missing", ONE)
    mixed = chart(cover, ("XML14", table("XML14", {"MA_LK": "LK1", "HO_TEN": "Trần Văn Thử Đức"})))
    yield Hostile("two-patients", mixed, "chart.patient_differs", f"{ONE}/XML14/HO_TEN")
    yield Hostile(
        "left-before-coming",
        good(NGAY_RA="202601090000"),
        "chart.dates_reversed",
        f"{ONE}/XML1/NGAY_RA",
    )
    yield Hostile(
        "inner-facility", good(MA_CSKCB="99999"), "facility.other", f"{ONE}/XML1/MA_CSKCB"
    )
    twice = envelope(*[hoso(file(*_encoded("XML1", table("XML1", xml1()))))] * 2)
    yield Hostile("same-key-twice", twice, "chart.repeated", ONE)


def _encoded(code: str, data: bytes) -> tuple[str, bytes]:
    return code, b64(data)


def broken_tables() -> Iterator[Hostile]:
    """Tables and fields that are not what they must be."""
    first = f"{ONE}/FILEHOSO[1]/LOAIHOSO"
    path = f"{ONE}/XML1"
    yield Hostile("no-kind", envelope(hoso(file("", b"AAAA"))), "table.kind_missing", first)
    yield Hostile("unknown-kind", envelope(hoso(file("XML99", b"AAAA"))), "table.unknown", first)
    yield Hostile(
        "path-as-kind", envelope(hoso(file("../../etc/passwd", b"AAAA"))), "table.unknown", first
    )
    cover = ("XML1", table("XML1", xml1()))
    yield Hostile("table-twice", chart(cover, cover), "table.repeated", f"{path}[2]")
    yield Hostile("not-base64", envelope(hoso(file("XML1", b"%%%"))), "table.not_base64", path)
    yield Hostile("gzip-inside", chart(("XML1", b"\x1f\x8b\x08\x00")), "table.compressed", path)
    yield Hostile("zip-inside", chart(("XML1", b"PK\x03\x04")), "table.compressed", path)
    yield Hostile("large-table", chart(cover), "table.too_large", path, small(table_bytes=50))
    nested = envelope(hoso(file("XML1", table("XML1", xml1()) * 2)))
    yield Hostile("two-documents", nested, "table.several_roots", path)
    yield Hostile(
        "other-root", chart(("XML1", b"<TONGHOP><MA_LK>1</MA_LK></TONGHOP>")), "table.root", path
    )
    yield Hostile(
        "other-table", chart(("XML3", table("XML1", xml1()))), "table.root", f"{ONE}/XML3"
    )
    stray = table("XML3", {"MA_LK": "LK1"}).replace(b"</DSACH", b"<KHAC>1</KHAC></DSACH")
    yield Hostile(
        "stray-element", chart(cover, ("XML3", stray)), "table.unexpected_element", f"{ONE}/XML3"
    )
    yield Hostile(
        "words-for-fields",
        chart(("XML1", b"<TONG_HOP>a</TONG_HOP>")),
        "table.unexpected_element",
        path,
    )
    two_names = table("XML1", xml1()).replace(b"<STT>", b"<HO_TEN>Ai</HO_TEN><STT>")
    yield Hostile("field-twice", chart(("XML1", two_names)), "field.repeated", f"{path}/HO_TEN")
    inside = table("XML1", xml1(DIA_CHI="<b>x</b>"))
    yield Hostile(
        "field-with-elements", chart(("XML1", inside)), "field.not_text", f"{path}/DIA_CHI"
    )
    yield Hostile("long-field", good(MA_BN="1" * 101), "field.too_long", f"{path}/MA_BN")
    yield Hostile("control-character", good(DIA_CHI="a\x86b"), "text.control", f"{path}/DIA_CHI")
    yield Hostile("word-without-end", good(DIA_CHI="A" * 59_000), "text.word", f"{path}/DIA_CHI")
    yield Hostile(
        "no-sign-that-fonts-show", good(DIA_CHI="漢 " * 2_001), "text.unshown", f"{path}/DIA_CHI"
    )
    yield Hostile("marks-without-end", good(DIA_CHI=MARKS), "text.marks", f"{path}/DIA_CHI")
    endless = good(CHAN_DOAN_RV="a" * 2000)
    yield Hostile(
        "endless-text",
        endless,
        "field.too_long",
        f"{path}/CHAN_DOAN_RV",
        small(text_characters=1000),
    )
    row = table("XML3", {"MA_LK": "LK1"}, {"MA_LK": "LK1", "SO_LUONG": "1" * 11})
    long_row = f"{ONE}/XML3/CHI_TIET_DVKT[2]/SO_LUONG"
    yield Hostile("long-field-of-a-row", chart(cover, ("XML3", row)), "field.too_long", long_row)
    for name in ("HO_TEN", "NGAY_SINH", "GIOI_TINH", "NGAY_VAO", "MA_LOAI_KCB"):
        yield Hostile(f"no-{name}", good(**{name: ""}), "field.required", f"{path}/{name}")
    for value in ("20260230", "2026011", "hôm qua", "000000000000", "202601102460", "26/01/2026"):
        yield Hostile(f"date-{value}", good(NGAY_VAO=value), "date.invalid", f"{path}/NGAY_VAO")
    yield Hostile("only-a-year", good(NGAY_RA="20260000"), "date.incomplete", f"{path}/NGAY_RA")
    yield Hostile("sex", good(GIOI_TINH="9"), "code.unknown", f"{path}/GIOI_TINH")
    yield Hostile("care", good(MA_LOAI_KCB="77"), "code.unknown", f"{path}/MA_LOAI_KCB")
    yield Hostile("icd10", good(MA_BENH_CHINH="VIEM"), "icd10.invalid", f"{path}/MA_BENH_CHINH")
    yield Hostile("icd10-list", good(MA_BENH_KT="I10;xyz"), "icd10.invalid", f"{path}/MA_BENH_KT")
    codes = ";".join(f"A{number:04}" for number in range(MOST_LISTED))
    yield Hostile("icd10-many", good(MA_BENH_KT=codes), "list.too_long", f"{path}/MA_BENH_CHINH")
    yield Hostile("many-faults", _many_faults(), "source.more_faults", "/")
    yield Hostile(
        "huge-diagnosis", good(CHAN_DOAN_RV="a" * 9000), "field.too_long", f"{path}/CHAN_DOAN_RV"
    )
    yield Hostile("huge-identity", good(SO_CCCD="0" * 2000), "facts.invalid", f"{path}/SO_CCCD")
    for value, code in (("2052010112", "date.invalid"), ("205201010000", "date.birth_later")):
        yield Hostile(f"born-{value}", good(NGAY_SINH=value), code, f"{path}/NGAY_SINH")


def _many_faults() -> bytes:
    rows = [{"MA_LK": "LK2"} for _ in range(300)]
    return chart(("XML1", table("XML1", xml1())), ("XML2", table("XML2", *rows)))


def broken_records() -> Iterator[Hostile]:
    """JSON records that are refused."""
    whole = _json(json_chart())
    yield Hostile("json-truncated", whole[:-3], "json.malformed")
    yield Hostile("json-two-documents", whole + whole, "json.malformed")
    yield Hostile(
        "json-latin-1",
        whole.decode().encode("utf-8").replace("ễ".encode(), b"\xea"),
        "text.encoding",
    )
    yield Hostile("json-nul", whole.replace(b"LK1", b"LK\x00"), "text.nul")
    yield Hostile(
        "json-escaped-nul", whole.replace(b"LK1", b"LK\\u0000"), "text.character", "/chart/episode"
    )
    yield Hostile(
        "json-surrogate", whole.replace(b"LK1", b"LK\\ud800"), "text.character", "/chart/episode"
    )
    yield Hostile("json-deep", b'{"a":' * 100_000, "json.too_deep")
    yield Hostile("json-deep-lists", b'{"a":' + b"[" * 100_000, "json.too_deep")
    yield Hostile(
        "json-wide",
        b'{"a":[' + b"1," * 900 + b"1]}",
        "json.too_many_values",
        limits=small(json_values=500),
    )
    yield Hostile(
        "json-key-twice", whole.replace(b'"sex"', b'"name"'), "json.repeated_key", "/patient"
    )
    yield Hostile(
        "json-nan",
        whole.replace(b'"96"', b"NaN"),
        "json.number",
        "/papers/0/data/ket_qua/0/gia_tri",
    )
    yield Hostile(
        "json-infinite",
        whole.replace(b'"96"', b"1e999"),
        "json.number",
        "/papers/0/data/ket_qua/0/gia_tri",
    )
    digits = b"9" * 5000
    yield Hostile(
        "json-long-number",
        whole.replace(b'"96"', digits),
        "json.number",
        "/papers/0/data/ket_qua/0/gia_tri",
    )
    yield Hostile(
        "json-other-facility", _json(json_chart(facility="99999")), "facility.other", "/facility"
    )
    yield Hostile("json-no-papers", _json(json_chart(papers=[])), "list.empty", "/papers")
    yield Hostile(
        "json-other-format", _json(json_chart(format="kho-chart/9")), "field.not_in_list", "/format"
    )
    born = json_chart(patient={"name": "Mẫu", "birth_date": "15/03/1980"})
    yield Hostile("json-birth-date", _json(born), "date.partial", "/patient/birth_date")
    reversed_ = json_chart()
    reversed_["chart"]["discharged_at"] = "2026-01-01T00:00:00+07:00"
    yield Hostile("json-dates", _json(reversed_), "chart.dates_reversed", "/chart/discharged_at")
    for field, value, code in _FACTS:
        document = json_chart()
        document[field.split("/")[1]][field.split("/")[2]] = value
        yield Hostile(f"json-fact-{code}-{value!r}"[:60], _json(document), code, field)
    paper = json_chart()["papers"][0]
    for key in ("../1", "a/b", "..", ".hidden", "C:\\x", "ổ"):
        bad = json_chart(papers=[{**paper, "key": key}])
        yield Hostile(f"json-key-{key!r}", _json(bad), "record.paper_key", "/papers/0/key")
    yield Hostile(
        "json-paper-twice",
        _json(json_chart(papers=[paper, paper])),
        "record.paper_repeated",
        "/papers/1",
    )


_TWO_MAIN = [{"icd10": "J18.9", "main": True}, {"icd10": "A00", "main": True}]
_MANY = [{"icd10": "J18.9"}] * (MOST_LISTED + 1)
_FACTS: tuple[tuple[str, Any, str], ...] = (
    ("/patient/birth_date", "0000", "date.too_early"),
    ("/patient/birth_date", "1899-12-31", "date.too_early"),
    ("/patient/birth_date", "1980-02-31", "date.unreal"),
    ("/patient/birth_date", "1900-02-29", "date.unreal"),
    ("/patient/birth_date", "2052-01-01", "date.birth_later"),
    ("/patient/birth_date", "2026-02", "date.birth_later"),
    ("/patient/name", "Lê Thị\nThử", "text.line_end"),
    ("/patient/name", "Lê\tThử", "text.line_end"),
    ("/patient/name", "Lê\u2028Thử", "text.line_end"),
    ("/patient/name", "Lê \u202eửhT", "text.line_end"),
    ("/patient/name", "   ", "text.blank"),
    ("/patient/name", "\u200b\u200b", "text.blank"),
    ("/patient/name", "\u3164", "text.blank"),
    ("/patient/name", "\u0301\u0323", "text.blank"),
    ("/patient/address", "\u2800", "text.blank"),
    ("/chart/episode", "  ", "text.blank"),
    ("/chart/episode", "\u00a0\ufeff", "text.blank"),
    ("/chart/diagnoses", _TWO_MAIN, "diagnosis.two_main"),
    ("/chart/diagnoses", _MANY, "list.too_long"),
    ("/patient/insurance_cards", ["GD4"] * (MOST_LISTED + 1), "list.too_long"),
)


def corpus() -> list[Hostile]:
    """Return every hostile file."""
    parts = (any_source, broken_xml, broken_envelopes, broken_charts, broken_tables, broken_records)
    return [hostile for part in parts for hostile in part()]
