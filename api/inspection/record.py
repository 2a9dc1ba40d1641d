"""The record of a take-away's verification (Biên bản xác minh): a tagged PDF/A-3a and PDF/UA-1 that
the facility seals.

It shows what `record.json` says, and carries that file. It has no patient's name: papers are named
by their ids, numbers and digests.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from typing import Any

import typst
import yaml

from api.reading.distinguished_name import named
from archive.base.clock import for_people, parse_iso
from archive.isolation.child import Limits, isolated, preload
from ingest.render.fonts import load_fonts
from ingest.render.printable import printable
from ingest.render.typst_renderer import ROOT, without_suspects
from signing.seal import Sealer, SealWords
from signing.validation.result.verdict_words import verdict_words

preload(__name__)
FIELD = "KhoBienBan"
_MEMORY = 1 << 30  # bytes to begin with, and for each paper as much as its rows take
_MEMORY_EACH = 1 << 20


def sealed_record(
    record: Mapping[str, Any], attached: bytes, moment: datetime, sealer: Sealer
) -> bytes:
    """Return the sealed paper of `record`; `attached` are the bytes of `record.json`.

    Raises as :meth:`signing.seal.Sealer.seal`.
    """
    shown = json.dumps(_shown(record), ensure_ascii=False)
    memory = _MEMORY + len(record["papers"]) * _MEMORY_EACH
    limits = Limits(seconds=300, memory=memory, answer=256 << 20)
    pdf = isolated(limits, rendered, shown, attached, int(moment.timestamp()))
    words = SealWords(printable(record["facility"]["name"]), None, _words()["title"]["vi"])
    return sealer.seal(pdf, claimed_at=moment, field_name=FIELD, words=words).data


def rendered(shown: str, attached: bytes, timestamp: int) -> bytes:
    """Return the paper without its seal; the same arguments give the same bytes."""
    pdf = typst.compile(  # type: ignore[call-overload] # its stub wants text and root of one type
        files(__package__).joinpath("record.typ").read_bytes(),
        root=str(ROOT),
        format="pdf",
        font_paths=load_fonts(),
        sys_inputs={"record": shown, "attached": attached.decode()},
        pdf_standards=["a-3a", "ua-1"],
        timestamp=timestamp,
    )
    assert isinstance(pdf, bytes)
    # one line feed: ISO 19005-3, 6.1.9, after the seal's revision
    return without_suspects(pdf).rstrip(b"\r\n") + b"\n"


def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(
        files(__package__).joinpath("record.yaml").read_text("utf-8")
    )
    verdicts = {verdict: word.as_json() for verdict, word in verdict_words().items()}
    return {**loaded, "verdicts": verdicts | loaded["verdicts"]}


def _shown(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `record.typ` shows: words and texts, in the order of the page."""
    words, facility, ledger = _words(), record["facility"], record["ledger"]
    asked, verdicts = record["asked_by"], words["verdicts"]
    facts = {
        "facility": f"{facility['name']} ({facility['code']})",
        "authority": facility["authority"],
        "address": facility["address"],
        "asked_by": f"{asked['name']} ({words['roles'].get(asked['role'], asked['role'])})",
        "made_at": for_people(parse_iso(record["made_at"])),
        "papers": str(len(record["papers"])),
        "counts": "; ".join(
            f"{verdicts[verdict]['vi']} / {verdicts[verdict]['en']}: {count}"
            for verdict, count in record["counts"].items()
        ),
        "ledger": f"{ledger['origin']}, {ledger['size']}",
        "root": ledger["root"],
        "ledger_key": ledger["key"],
        "id": record["id"],
    }
    return {
        "title": words["title"],
        "labels": words["labels"],
        "facility": facility["name"],
        "test": record["test"],
        "id": record["id"],
        "facts": [
            {"name": words["facts"][name], "value": printable(value)}
            for name, value in facts.items()
            if value
        ],
        "papers": [_paper(paper, words) for paper in record["papers"]],
    }


def _paper(paper: Mapping[str, Any], words: Mapping[str, Any]) -> dict[str, Any]:
    """Return one row: the paper, and what its verification says."""
    names, verdict = words["lines"], words["verdicts"][paper["verdict"]]
    terms = [paper["indication"], paper["subindication"], paper["level"]]
    lines = [
        (names["file"], paper["file"] or words["no_file"]),
        (names["sha256"], paper["sha256"]),
        (names["document_id"], paper["document_id"]),
        (names["archive_number"], paper["archive_number"] or words["not_deposited"]),
        (names["episode"], paper["episode"]),
    ]
    problem = words["problems"].get(paper["problem"])
    notes = [
        *([f"{problem['vi']} {problem['en']}"] if problem else []),
        *([str(paper["problem"])] if paper["problem"] and not problem else []),
        *([words["superseded"]] if paper["superseded_by"] else []),
    ]
    return {
        "number": str(paper["number"]),
        "title": printable(f"{paper['form']} {paper['title']['vi']}"),
        "title_en": printable(paper["title"]["en"]),
        "lines": [{"name": name, "value": printable(value)} for name, value in lines],
        "verdict": verdict,
        "good": paper["verdict"] == "valid" and not paper["superseded_by"],
        "terms": " · ".join(term for term in terms if term),
        "notes": notes,
        "signatures": _signatures(paper["signatures"], words),
    }


def _signatures(
    signatures: Sequence[Mapping[str, Any]], words: Mapping[str, Any]
) -> list[list[str]]:
    """Return the lines of each signature: its kind and answer, signer, serial and time."""
    return [
        [
            printable(line)
            for line in (
                f"{words['kinds'].get(each['kind'], each['kind'])}: {named(each['subject'])[0]}",
                f"{words['serial']} {each['serial'] or '–'}",
                f"{_time(each)}, {each['indication']}"
                + (f" / {each['subindication']}" if each["subindication"] else ""),
            )
        ]
        for each in signatures
    ]


def _time(signature: Mapping[str, Any]) -> str:
    moment = signature["sealed_at"] or signature["claimed_time"]
    return for_people(parse_iso(moment)) if moment else "–"
