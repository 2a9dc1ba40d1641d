"""Makes the whole definition of a form from what its `form.yaml` writes short.

`include: NAME` means the blocks of `groups/NAME.yaml`. A mapping with a `type` is a field and
its place on the sheet. `sign:` declares the fields of the places to sign. A `#` at the head of a
label is the next number of the form. The grammar is in `docs/forms.md`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ingest.forms.sheet import LOOK
from ingest.forms.sides import sided, spread

Raw = dict[str, Any]
Groups = Callable[[str], Mapping[str, Any]]

# what is before and after the words of a printed label: "- ", "1. ", "III. ", "a) ", ":"
_BEFORE = re.compile(r"\s*(?:[-+–•*]\s*)?(?:(?:\d{1,2}|[IVX]{1,4}|[a-zđ])\s*[.)]\s*)*")
_AFTER = re.compile(r"[\s:;,.…]*$")
_NESTED = ("line", "beside", "left", "right", "under", "sign")
_NAMED = ("name", "fact", "text", "heading")  # what a block is known by
_PART = {"type": "number", "least": 0, "most": 1, "required": True}
_MARK = [  # a row of the table of marks on a drawing
    {"name": "x", "label": {"vi": "Từ trái (0–1)", "en": "From the left (0–1)"}, **_PART},
    {"name": "y", "label": {"vi": "Từ trên (0–1)", "en": "From the top (0–1)"}, **_PART},
    {"name": "ky_hieu", "label": {"vi": "Ký hiệu", "en": "Mark"}, "type": "line", "max": 20},
    {"name": "mo_ta", "label": {"vi": "Mô tả", "en": "Description"}, "type": "line", "max": 500},
]
_OF_THE_SIGNER = ("optional", "otherwise")
_OF_THE_PLACE = ("role", "note", "date", *_OF_THE_SIGNER)  # the others are of the field
_CODE_BOXES = 4  # ICD-10: J18.9 without its point
_ICD10 = "icd10"  # the shared list


def assembled(definition: Mapping[str, Any], groups: Groups) -> Raw:
    """Return `definition` with its groups in place, its fields gathered, and its places to sign.

    A definition without a `body` is returned as it is. Raises :class:`ValueError` for a group that
    does not exist.
    """
    sections = definition.get("sections")
    if not isinstance(sections, list) or not any("body" in section for section in sections):
        return dict(definition)
    work = _Assembly(groups)
    written = [work.section(section) for section in sections]
    return {
        **definition,
        "sections": written,
        "code_lists": {**work.lists, **definition.get("code_lists", {})},
        "signatures": [*work.signatures, *definition.get("signatures", ())],
    }


def clean(label: str) -> str:
    """Return a printed label as the name of its value: `1. Toàn thân:` is `Toàn thân`."""
    words = _AFTER.sub("", _BEFORE.sub("", label, count=1))
    return words or _AFTER.sub("", label) or label


class _Assembly:
    """Walks the blocks of one form; gathers its code lists and signatures."""

    def __init__(self, groups: Groups) -> None:
        self.lists: dict[str, Any] = {}
        self.signatures: list[Raw] = []
        self._groups = groups
        self._number = 0
        self._declared: set[str] = set()  # fields whose first place was passed

    def section(self, section: Mapping[str, Any]) -> Raw:
        fields: list[Raw] = []
        included = list(self._included(section.get("body", ())))
        body = [self._block(block, fields) for block in included]
        fields.extend(section.get("fields", ()))
        rest = {key: value for key, value in section.items() if key != "source"}
        return {
            **rest,
            "body": body,
            "fields": [_sourced(f, section.get("source")) for f in fields],
        }

    def _included(self, blocks: Iterable[Any]) -> Iterator[Any]:
        for block in blocks:
            if isinstance(block, Mapping) and "include" in block:
                group = self._groups(block["include"])
                self.lists.update(group.get("code_lists", {}))
                added = {n: list(self._included(b)) for n, b in block.get("add", {}).items()}
                inner = _changed(self._included(group["blocks"]), {**block, "add": added})
                yield from sided(inner, block["side"]) if "side" in block else inner
            else:
                yield _within(block, self._included)

    def _block(self, block: Any, fields: list[Raw]) -> Any:
        if isinstance(block, str):
            return self._numbered(block)
        if not isinstance(block, Mapping):
            return block
        if "sign" in block:
            return self._signing(block, fields)
        if "name" in block or "fact" in block:
            return self._place(block, fields)
        if isinstance(block.get("marks"), Mapping):
            fields.append({**block["marks"], "type": "table", "max": 50, "columns": _MARK})
            return {**block, "marks": block["marks"]["name"]}
        if isinstance(block.get("curves"), Mapping):
            field = {**block["curves"], "type": "table"}
            self._own_lists(field)
            fields.append(field)
            return {**block, "curves": field["name"]}
        done = _within(block, lambda blocks: [self._block(each, fields) for each in blocks])
        for key in ("text", "heading"):
            if isinstance(done.get(key), str):
                done[key] = self._numbered(done[key])
        return done

    def _place(self, block: Mapping[str, Any], fields: list[Raw]) -> Raw:
        look = {key: block[key] for key in LOOK & block.keys()}
        rest = {key: block[key] for key in block if key not in LOOK}
        if "lead" in look:
            look["lead"] = [self._numbered(words) for words in look["lead"]]
        if "printed" in look:
            look["printed"] = self._numbered(look["printed"])
        label = rest.get("label")
        if isinstance(label, str):  # of a fact: only printed
            look.setdefault("printed", self._numbered(label))
            del rest["label"]
        elif isinstance(label, Mapping):
            printed = self._numbered(str(label.get("vi", "")))
            look.setdefault("printed", printed)
            rest["label"] = {**label, "vi": clean(printed)}
        if "fact" in rest:
            return {**rest, "look": look}
        name, boxes, of = rest["name"], rest.pop("coded", None), rest.pop("of", None)
        if isinstance(of, str):
            rest["names_of"] = of
        if "type" in rest:
            self._declared.add(name)
            self._own_lists(rest)
            fields.append(rest)
        if boxes is not None:
            look |= {"code": f"{name}_ma", "boxes": boxes}
            of = _ICD10 if of is None and boxes == _CODE_BOXES else of
            fields.append(_code_of(rest, boxes, of))
        return {"name": name, "look": look}

    def _own_lists(self, field: Raw) -> None:
        """Make a code list of a field's `options`, numbered from 1 where they are a list."""
        for key in ("columns", "detail"):
            if key in field:  # copies: other forms include the same group
                field[key] = [dict(part) for part in field[key]]
        for part in (field, *field.get("columns", ()), *field.get("detail", ())):
            if "options" not in part:
                continue
            options = part.pop("options")
            if not isinstance(options, Mapping):
                options = {str(number): words for number, words in enumerate(options, 1)}
            if isinstance(part.get("points"), list):
                part["points"] = {str(c): p for c, p in zip(options, part["points"], strict=True)}
            own = part["name"] if part is field else f"{field['name']}_{part['name']}"
            name = part.setdefault("list", own)
            words = {str(code): words for code, words in options.items()}
            if self.lists.setdefault(name, words) != words:
                raise ValueError(f"two code lists have the name {name}")

    def _signing(self, block: Mapping[str, Any], fields: list[Raw]) -> Raw:
        """Declare who signs, and the day: `sign: [{name, role}]`, `date: NAME`."""
        done = {key: block[key] for key in ("name_label",) if key in block}
        if "beside" in block:
            done["beside"] = [self._block(each, fields) for each in block["beside"]]
        if (day := block.get("date")) is not None:
            done["date"] = _day(day, fields)
        names = []
        for place in block["sign"]:
            rest = {key: value for key, value in place.items() if key not in _OF_THE_PLACE}
            if "date" in place:
                done.setdefault("dates", {})[place["name"]] = _day(place["date"], fields)
            role = place["role"]
            label = {**role, "vi": clean(role["vi"])}
            if place["name"] not in self._declared:
                fields.append({"label": label, "type": "line", "max": 255, **rest})
            signer = {key: place[key] for key in _OF_THE_SIGNER if key in place}
            self.signatures.append({"role": role, "name_field": place["name"], **signer})
            names.append(place["name"])
        if any("note" in place for place in block["sign"]):
            done["notes"] = [place.get("note", "") for place in block["sign"]]
        return {**done, "names": names}

    def _numbered(self, text: str) -> str:
        if not text.startswith("#"):
            return text
        self._number += 1
        return f"{self._number}{text[1:]}"


def _day(day: Any, fields: list[Raw]) -> str:
    """Declare the field of the day above a place to sign; return its name."""
    label = {"vi": "Ngày ký", "en": "Day of the signature"}
    field = {"name": day, "label": label} if isinstance(day, str) else dict(day)
    fields.append({"type": "date", "needed": "discharge", **field})
    return str(field["name"])


def _code_of(field: Raw, boxes: int, shared: Any) -> Raw:
    """Return the field for the code of a text: ICD-10, or a shorter one.

    `shared`: the shared list that has the code; else None or false.
    """
    label = field["label"]
    text = label["vi"]
    vi = f"Mã ICD-10: {text}" if boxes >= _CODE_BOXES else f"Mã {text[:1].lower()}{text[1:]}"
    words: Raw = {"label": {"vi": vi, "en": f"Code: {label['en']}"}, "type": "line", "max": 10}
    if shared:
        words["codes_of"] = shared
    return {"name": f"{field['name']}_ma", **words} | {
        key: field[key] for key in ("source",) if key in field
    }


def _sourced(field: Raw, source: str | None) -> Raw:
    """Return `field` with the source of its section, its parts with that of the field."""
    own = field.get("source", source)
    if own is None:
        return field
    parts: Raw = {
        key: [_sourced(part, own) for part in field[key]]
        for key in ("columns", "detail")
        if key in field
    }
    return {**field, "source": own, **parts}


def _within(block: Any, inside: Callable[[Iterable[Any]], Iterable[Any]]) -> Any:
    """Return `block` with the blocks that it holds passed through `inside`."""
    if not isinstance(block, Mapping):
        return block
    done = dict(block)
    if "name" in done:
        return done  # the columns of a table are fields, not blocks
    if isinstance(done.get("columns"), list):
        done["columns"] = [list(inside(column)) for column in done["columns"]]
    if isinstance(done.get("grid"), list):
        done["grid"] = [
            {**row, "cells": [list(inside(cell)) for cell in row["cells"]]}
            for row in spread(done["grid"])
        ]
    for key in _NESTED:
        if isinstance(done.get(key), list):
            done[key] = list(inside(done[key]))
    return done


def _changed(blocks: Iterable[Any], include: Mapping[str, Any]) -> Iterator[Any]:
    """Yield `blocks` without the fields of `without`; those that `change` names are changed, and
    the blocks of `add` follow the field that they are listed for. A null in `change` takes a key
    away.
    """
    without, change = set(include.get("without", ())), include.get("change", {})
    add = include.get("add", {})
    for block in blocks:
        if isinstance(block, str) and block in {*without, *change}:
            block = {"text": block}
        if not isinstance(block, Mapping):
            yield block
            continue
        name = next((block[key] for key in _NAMED if key in block), None)
        if name in without:
            yield from add.get(name, ())
            continue
        changed = _within(block, lambda inner: list(_changed(inner, include)))
        if changed != {"line": []}:
            changed |= change.get(name, {})
            yield {key: value for key, value in changed.items() if value is not None}
        yield from add.get(name, ())
