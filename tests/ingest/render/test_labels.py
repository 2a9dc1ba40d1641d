"""A value beside its label does not say the label's words again; the data keeps them."""

import re

import pytest

from ingest.forms.model import FieldType, Form
from ingest.render.labels import beside
from ingest.render.typst_renderer import Renderer
from tests.ingest.render.papers import CATALOG, job, minimal
from tests.ingest.render.reading import pages, squeezed


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


@pytest.mark.parametrize(
    ("label", "text", "shown"),
    [
        ("Khoa", "Khoa Nội tổng hợp", "Nội tổng hợp"),
        ("Khoa", "khoa: Nội", "Nội"),
        ("Khoa", "Khoang miệng", "Khoang miệng"),
        ("Khoa", "Khoa", "Khoa"),
        ("Số nhà", "Số 135 Ngõ Mẫu", "135 Ngõ Mẫu"),
        ("Xã, phường", "Xã Giả Định", "Giả Định"),
        ("Xã, phường", "Phường Mẫu Một", "Mẫu Một"),
        ("Tỉnh, thành phố", "Tỉnh Mẫu", "Mẫu"),
        ("Tỉnh, thành phố", "Thành phố Mẫu", "Mẫu"),
        ("Huyện (Q, Tx)", "Huyện Mẫu", "Mẫu"),
        ("Huyện (Q, Tx)", "Quận 1", "Quận 1"),
        ("Bệnh chính", "Bệnh phổi tắc nghẽn", "Bệnh phổi tắc nghẽn"),
        ("KKB, Cấp cứu", "Cấp cứu ngừng tim", "Cấp cứu ngừng tim"),
    ],
)
def test_the_words_of_the_label_are_left_out_and_no_others(
    label: str, text: str, shown: str
) -> None:
    assert beside(label, text) == shown


@pytest.mark.parametrize("form", CATALOG.forms, ids=lambda form: f"{form.code}-{form.version}")
def test_no_form_says_a_label_twice(renderer: Renderer, form: Form) -> None:
    fields = [
        field
        for field in form.fields
        # the rule of an XML is named in a sentence of the seal's block
        if field.type in (FieldType.LINE, FieldType.TEXT) and field.name != "version"
    ]
    data = minimal(form)
    for field in fields:
        value = f"{field.label.vi} Mẫu Thử"
        if field.max is None or field.max >= len(value):
            data[field.name] = value
    face = squeezed("".join(pages(renderer.render(job(form.code, data, form=form))))).lower()
    for section in form.sections:  # "Người bệnh tại khoa" above "Khoa" is no label
        face = face.replace(squeezed(section.title.vi).lower(), "")
    labels = {squeezed(field.label.vi).lower() for field in fields}
    doubled = [
        label
        for label in labels
        if re.search(f"{re.escape(label)}:?{re.escape(label)}mẫuthử", face)
    ]
    assert doubled == []
