"""The JSON Schema of a whole chart in the JSON record format `kho-chart/1`: the facts of the chart
and the forms.
"""

from collections.abc import Callable, Iterable
from typing import Any

from pydantic.json_schema import models_json_schema

from archive.base.facts import ChartFacts, Patient
from ingest.forms.model import Form
from ingest.forms.own_facts import LONGEST_TITLE
from ingest.forms.schema import DIALECT

CHART_FORMAT = "kho-chart/1"
MOST_PAPERS = 500
MOST_PHOTOGRAPHS = 100  # of one paper
# A keyword of Kho: the schemas of `data` by the code in `form`.
DATA_BY_FORM = "x-kho-data-by-form"


def chart_schema(forms: Iterable[Form]) -> dict[str, Any]:
    """Return the schema of a chart in the JSON record format `kho-chart/1`, with one rule for each
    form.

    The rules are `if`/`then` and not `oneOf`, so that a fault names its own place in the paper. Any
    form may be a finished file; data are taken for those that accept them.
    """
    return _chart(forms, _a_rule_for_each_form)


def lookup_schema(forms: Iterable[Form]) -> dict[str, Any]:
    """Return a schema that allows what :func:`chart_schema` allows, for Kho's own validator.

    It finds the rule of a paper by the code of its form (:data:`DATA_BY_FORM`). A standard
    validator would ignore that keyword, and tries the rules of all forms on every paper instead.
    """
    return _chart(forms, _a_table_of_rules)


def _chart(
    forms: Iterable[Form], data_rules: Callable[[Iterable[Form]], dict[str, Any]]
) -> dict[str, Any]:
    known = sorted(forms, key=lambda form: form.code)
    _, facts = models_json_schema([(Patient, "validation"), (ChartFacts, "validation")])
    return {
        "$schema": DIALECT,
        "title": "Hồ sơ bệnh án gửi vào Kho",
        "description": "A chart, or a part of one, in Kho's JSON record format",
        "type": "object",
        "properties": {
            "format": {"const": CHART_FORMAT},
            "facility": {
                "type": "string",
                "pattern": r"^[0-9A-Z]{5}$",
                "examples": ["99001"],
                "description": "mã cơ sở KBCB",
            },
            "patient": {"$ref": "#/$defs/Patient"},
            "chart": {"$ref": "#/$defs/ChartFacts"},
            "message": {
                "description": "tells apart messages that say the same; without it the same "
                "again is a repetition",
                "type": "string",
                "maxLength": 100,
            },
            "papers": {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_PAPERS,
                "items": {"$ref": "#/$defs/Paper"},
            },
        },
        "required": ["format", "facility", "patient", "chart", "papers"],
        "additionalProperties": False,
        "$defs": {**facts["$defs"], "Paper": _paper(known, data_rules), "File": _FILE},
    }


# A file that was finished elsewhere: in base64, or one of that name beside the record.
_FILE = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 200},
        "dated": {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
        "title": {"type": "string", "format": "line", "minLength": 1, "maxLength": LONGEST_TITLE},
        "content": {"type": "string", "contentEncoding": "base64"},
        "photographs": {
            "description": "names of images beside the record: pages of one paper, in this order",
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_PHOTOGRAPHS,
            "items": {"type": "string", "minLength": 1, "maxLength": 200},
        },
    },
    "required": ["name"],
    "additionalProperties": False,
    "if": {"required": ["photographs"]},
    "then": {"properties": {"content": False}},
}


def _a_rule_for_each_form(forms: Iterable[Form]) -> dict[str, Any]:
    return {
        "allOf": [
            {
                "if": {"properties": {"form": {"const": form.code}}, "required": ["form"]},
                "then": {"properties": {"data": form.body_schema()}},
            }
            for form in forms
        ]
    }


def _a_table_of_rules(forms: Iterable[Form]) -> dict[str, Any]:
    return {DATA_BY_FORM: {form.code: form.body_schema() for form in forms}}


def _paper(
    forms: list[Form], data_rules: Callable[[Iterable[Form]], dict[str, Any]]
) -> dict[str, Any]:
    accepted = [form for form in forms if form.accepts_json]
    return {
        "type": "object",
        "properties": {
            "form": {"type": "string"},
            "key": {
                "type": "string",
                "minLength": 1,
                "maxLength": 100,
                "description": "tells papers of one form apart",
            },
            "data": {"type": "object"},
            "file": {
                "$ref": "#/$defs/File",
                "description": "a finished file; the paper has no data then",
            },
        },
        "required": ["form", "key"],
        "additionalProperties": False,
        "if": {"required": ["file"]},
        "then": {
            "properties": {
                "form": {"enum": [form.code for form in forms]},
                "data": {"maxProperties": 0},
            }
        },
        "else": {
            "required": ["data"],
            "properties": {"form": {"enum": [form.code for form in accepted]}},
            **data_rules(accepted),
        },
    }
