"""The tokens of a version are for that version: a change of any of them needs a new
`ANALYSIS_VERSION`.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import yaml

from archive.base.identifiers import DocumentId
from search.contract import Entry
from search.fields import CODE_FIELDS, FIELD_NAMES, TEXT_FIELDS, TOKEN_FIELDS
from search.tokens import ANALYSIS_VERSION, tokens
from tests.search.suite import load

DOCUMENTS = load.documents()
GOLDEN = Path(__file__).parent / "suite" / f"tokens-{ANALYSIS_VERSION}.yaml"


def test_the_tokens_of_this_version_have_not_changed() -> None:
    golden = yaml.safe_load(GOLDEN.read_text(encoding="utf-8"))
    analysed = tokens(Entry(**golden["entry"]))
    why = "raise ANALYSIS_VERSION, and write a new file beside this one"
    assert {name: " ".join(values) for name, values in analysed.texts.items()} == golden["texts"], (
        why
    )
    assert {name: " ".join(values) for name, values in analysed.codes.items()} == golden["codes"], (
        why
    )
    assert (analysed.stay, analysed.recency) == (tuple(golden["stay"]), golden["recency"]), why


def test_every_field_of_the_table_is_made_and_no_other() -> None:
    analysed = tokens(DOCUMENTS["hoa_huyen"])
    assert set(analysed.texts) == {
        name for field in TEXT_FIELDS for name in (field.name, field.exact_name)
    }
    assert set(analysed.codes) == set(TOKEN_FIELDS)
    public = {field.public_name for field in TEXT_FIELDS} | {field.name for field in CODE_FIELDS}
    assert sorted(FIELD_NAMES) == sorted(public)


def test_an_identifier_is_one_token() -> None:
    assert tokens(DOCUMENTS["thuy_new"]).codes["identifiers"][-1] == "bn770042"


def test_a_code_is_known_down_to_its_category() -> None:
    assert tokens(DOCUMENTS["hoa_huyen"]).codes["icd10"] == ("j18", "j189")


def test_the_newer_stay_is_more_recent_then_the_newer_document() -> None:
    entry = replace(DOCUMENTS["dat"], discharged=date(2026, 1, 5))
    later_stay = replace(entry, discharged=date(2026, 1, 6))
    later_paper = replace(entry, document_id=DocumentId("0200" + entry.document_id[4:]))
    ordered = [tokens(each).recency for each in (entry, later_paper, later_stay)]
    assert ordered == sorted(set(ordered))
    assert all(0 <= recency < 1 << 63 for recency in ordered)


def test_an_id_that_is_no_uuid_and_a_stay_that_is_not_known_are_the_oldest() -> None:
    entry = replace(DOCUMENTS["dat"], document_id=DocumentId("x"), admitted=None, discharged=None)
    assert tokens(entry).recency == 0
    assert tokens(entry).stay is None
