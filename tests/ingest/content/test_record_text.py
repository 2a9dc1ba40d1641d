"""The text of a record has labels and words, and not who the patient is."""

from ingest.content.record_text import LONGEST, identity, record_text
from ingest.forms.catalog import FormCatalog

FORMS = FormCatalog.load()
UNKNOWN: frozenset[str] = frozenset()


def test_a_field_has_its_label_and_a_row_of_a_table_its_cells() -> None:
    row = {
        "thoi_gian": "2026-01-11T08:00:00+07:00",
        "dien_bien_benh": "Ho, sốt.",
        "chi_dinh": "Theo dõi",
    }
    data = {"chan_doan": "Viêm phổi", "dien_bien": [row]}
    lines = record_text(FORMS.get("36/BV2"), data, UNKNOWN).splitlines()
    assert "Chẩn đoán: Viêm phổi" in lines
    assert any("Ho, sốt., Theo dõi" in line for line in lines)


def test_a_code_has_its_words() -> None:
    row = {"GIAI_DOAN_LAM_SANG": "1", "PHACDO_DTRI_LAO": "2", "NGAYKD_HIV": "20220101"}
    lines = record_text(FORMS.get("XML6"), {"rows": [row]}, UNKNOWN).splitlines()
    assert "Ngày khẳng định HIV: 01/01/2022" in lines
    assert "Phác đồ điều trị lao: 2 – 2RHZE/4RH" in lines


def test_who_the_patient_is_is_left_out() -> None:
    patient = {
        "name": "Nguyễn Thử Hòa",
        "local_id": "BN 12",
        "insurance_cards": ["GD4000012345678"],
    }
    known = identity(patient, "LK1")
    data = {"HO_TEN": "NGUYỄN THỬ HOÀ", "MA_BN": "BN12", "MA_THE_BHYT": "GD4000012345678"}
    data |= {"MA_LK": "LK1", "CHAN_DOAN_VAO": "Viêm phổi"}
    text = record_text(FORMS.get("XML1"), data, known)
    assert "Viêm phổi" in text
    assert not {"NGUYỄN", "BN12", "GD4000012345678", "LK1"} & set(text.replace(":", " ").split())


def test_a_very_long_record_is_cut() -> None:
    text = record_text(FORMS.get("36/BV2"), {"chan_doan": "sốt " * 20_000}, UNKNOWN)
    assert len(text) == LONGEST
