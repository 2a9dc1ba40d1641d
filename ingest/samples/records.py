"""JSON records (`kho-chart/1`) of invented episodes, with the papers that a ward of that kind
writes.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from archive.base.facts import ChartKind
from ingest.samples.episode import Episode, Person
from ingest.samples.filled import filled
from ingest.sources.bhyt.policy import policy

Json = dict[str, Any]
# these wards sign a treatment sheet entry by entry, the others a whole sheet
_SIGNED_BY_ENTRY = ("K03",)
# these wards have case records of their own, which are not among the forms yet
_SURGICAL = ("K19", "K27")


def record(episode: Episode, case_record: str | None = None, further: Sequence[str] = ()) -> bytes:
    """Return the record of `episode` as UTF-8 JSON.

    `case_record` is the form of its bệnh án, where it is not the ward's usual one, and `further`
    are forms of more papers.
    """
    document = {
        "format": "kho-chart/1",
        "facility": episode.facility,
        "patient": _patient(episode.person),
        "chart": _chart(episode),
        "papers": _papers(episode, case_record, further),
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _patient(person: Person) -> Json:
    return {
        "local_id": person.local_id,
        "name": person.name,
        "birth_date": person.born.isoformat(),
        "sex": person.sex,
        "national_id": person.national_id,
        "social_insurance_number": person.card[-10:],
        "insurance_cards": [person.card],
        "address": person.address,
    }


def _chart(episode: Episode) -> Json:
    case = episode.case
    return {
        "episode": episode.key,
        "kind": policy().kinds[case.care].value,
        "department": case.department,
        "admitted_at": _at(episode.admitted),
        "discharged_at": _at(episode.discharged),
        "outcome": policy().outcomes[case.outcome].value,
        "diagnoses": [
            {"icd10": case.icd10, "text": case.diagnosis, "main": True},
            *({"icd10": code, "text": words} for code, words in case.others.items()),
        ],
    }


def _papers(episode: Episode, case_record: str | None, further: Sequence[str]) -> list[Json]:
    case = episode.case
    papers: list[Json] = []
    if case_record is not None:
        papers.append(_paper(case_record, "1", filled(case_record, episode)))
    if policy().kinds[case.care] is ChartKind.INPATIENT:
        if case_record is None and case.department not in _SURGICAL:
            papers.append(_paper("01/BV1", "1", _medical_record(episode)))
        papers += _treatment_sheets(episode)
        papers.append(_paper("16/BV2", "1", _test_results(episode)))
        if case.transfer is None and not case.died:
            papers.append(_paper("GRV/TT25", "1", _discharge(episode)))
        papers.append(_paper("TTHSBA/TT25", "1", _summary(episode)))
    else:
        if case_record is None:
            papers.append(_paper("15/BV1", "1", _outpatient_record(episode)))
        papers.append(_paper("16/BV2", "1", _test_results(episode)))
    if case.transfer is not None:
        papers.append(_paper("PCCS/TT01", "1", _transfer(episode)))
    return papers + [_paper(form, "1", filled(form, episode)) for form in further]


def _paper(form: str, key: str, data: Json) -> Json:
    return {"form": form, "key": key, "data": data}


def _at(when: datetime) -> str:
    return when.isoformat(timespec="seconds")


def _day(when: datetime) -> str:
    return when.date().isoformat()


def _results_text(episode: Episode) -> str:
    return "; ".join(
        f"{name}: {value} {unit}".strip() for name, value, unit in episode.case.results
    )


def _drugs_text(episode: Episode) -> str:
    return "; ".join(
        f"{name} {strength}, {dose}" for name, strength, _, _, dose in episode.case.drugs
    )


def _age(episode: Episode) -> int:
    came, born = episode.admitted.date(), episode.person.born
    return came.year - born.year - ((came.month, came.day) < (born.month, born.day))


def _relative(episode: Episode) -> str:
    return f"{episode.relative.name}, {episode.relative.address}"


def _medical_record(episode: Episode) -> Json:
    case, person, vitals = episode.case, episode.person, episode.case.vitals
    other = next(iter(case.others.items()), None)
    return {
        "khoa": case.department_name,
        "giuong": episode.key[-2:],
        "ma_yt": person.local_id,
        "nghe_nghiep": "Lao động tự do",
        "dan_toc": "Kinh",
        "dan_toc_ma": "01",
        "so_nha": person.street,
        "xa_phuong": person.commune,
        "tinh": person.province,
        "doi_tuong": "1",
        "bhyt_den_ngay": f"{episode.discharged:%Y}-12-31",
        "nguoi_nha": _relative(episode),
        "truc_tiep_vao": "1",
        "noi_gioi_thieu": "2",
        "vao_vien_lan_thu": 1,
        "vao_khoa": case.department_name,
        "vao_khoa_luc": _at(episode.admitted),
        "vao_khoa_so_ngay": case.days,
        **_ending(episode),
        "tong_so_ngay": case.days,
        "cd_kkb": case.diagnosis,
        "cd_kkb_ma": case.icd10,
        "cd_vao_khoa": case.words,
        "cd_vao_khoa_ma": case.icd10,
        "thu_thuat": False,
        "phau_thuat": False,
        "cd_ra_vien_chinh": case.diagnosis,
        "cd_ra_vien_chinh_ma": case.icd10,
        **({"cd_ra_vien_kem": other[1], "cd_ra_vien_kem_ma": other[0]} if other else {}),
        "tai_bien": False,
        "bien_chung": False,
        "ket_qua": case.outcome,
        "ngay_bia": _day(episode.discharged),
        "giam_doc": episode.head,
        "truong_khoa": episode.doctor,
        "ly_do_vao_vien": case.reason,
        "vao_ngay_thu": 3,
        "qua_trinh_benh_ly": case.history,
        "tien_su_ban_than": case.past,
        "dac_diem": [
            {"loai": "01", "co": False},
            {"loai": "04", "co": person.sex == "1", "thang": "120"},
        ],
        "tien_su_gia_dinh": case.family,
        "toan_than": case.examination,
        "mach": vitals.pulse,
        "nhiet_do": vitals.temperature,
        "huyet_ap_tam_thu": vitals.systolic,
        "huyet_ap_tam_truong": vitals.diastolic,
        "nhip_tho": vitals.breathing,
        "can_nang": vitals.weight,
        "ho_hap": case.lungs,
        "tieu_hoa": "Bụng mềm, gan lách không to.",
        "than_kinh": "Không có dấu hiệu màng não.",
        "xet_nghiem_can_lam": "; ".join(name for name, _ in case.services),
        "tom_tat_benh_an": case.summary,
        "cd_benh_chinh": case.diagnosis,
        "cd_benh_kem": "; ".join(case.others.values()),
        "huong_dieu_tri": case.treatment,
        "ngay_lam_benh_an": _day(episode.admitted),
        "bac_si_lam_benh_an": episode.doctor,
        "tk_qua_trinh": case.history,
        "tk_xet_nghiem": _results_text(episode),
        "tk_phuong_phap": case.treatment,
        "tk_huong": case.advice,
        "ho_so": [
            {"loai": "X-quang", "so_to": 1},
            {"loai": "Xét nghiệm", "so_to": len(case.results)},
        ],
        "ngay_tong_ket": _day(episode.discharged),
        "bac_si_dieu_tri": episode.doctor,
    }


def _ending(episode: Episode) -> Json:
    """Return what the record says of how the stay ended."""
    case = episode.case
    if case.died:
        return {
            "tu_vong_luc": _at(episode.discharged),
            "tu_vong_do": "1",
            "tu_vong_trong": "2",
            "nguyen_nhan_tu_vong": case.diagnosis,
            "nguyen_nhan_tu_vong_ma": case.icd10,
            "tien_luong": "Xấu",
            "tk_tinh_trang": "Tử vong.",
        }
    if case.transfer:
        return {
            "chuyen_vien": "1",
            "chuyen_den": "Bệnh viện Mẫu Tuyến Trên",
            "tien_luong": "Dè dặt",
            "tk_tinh_trang": case.transfer.state,
        }
    return {
        "ra_vien": "1",
        "tien_luong": "Khá",
        "tk_tinh_trang": "Ổn định, đi lại được, không sốt.",
    }


def _outpatient_record(episode: Episode) -> Json:
    case, vitals = episode.case, episode.case.vitals
    other = next(iter(case.others.items()), None)
    return {
        "khoa": case.department_name,
        "so_ngoai_tru": f"NT-{episode.key[-5:]}",
        "nghe_nghiep": "Lao động tự do",
        "dan_toc": "Kinh",
        "dan_toc_ma": "01",
        "so_nha": episode.person.street,
        "xa_phuong": episode.person.commune,
        "tinh": episode.person.province,
        "doi_tuong": "1",
        "bhyt_den_ngay": f"{episode.discharged:%Y}-12-31",
        "nguoi_nha": _relative(episode),
        "den_kham_luc": _at(episode.admitted),
        "noi_gioi_thieu": "2",
        "ly_do_vao_vien": case.reason,
        "qua_trinh_benh_ly": case.history,
        "tien_su_ban_than": case.past,
        "tien_su_gia_dinh": case.family,
        "toan_than": case.examination,
        "mach": vitals.pulse,
        "nhiet_do": vitals.temperature,
        "huyet_ap_tam_thu": vitals.systolic,
        "huyet_ap_tam_truong": vitals.diastolic,
        "nhip_tho": vitals.breathing,
        "can_nang": vitals.weight,
        "cac_bo_phan": case.lungs,
        "can_lam_sang": _results_text(episode),
        "cd_ban_dau": case.diagnosis,
        "da_xu_ly": _drugs_text(episode),
        "cd_ra_vien": case.words,
        "cd_ra_vien_ma": case.icd10,
        "dieu_tri_tu_ngay": _day(episode.admitted),
        "dieu_tri_den_ngay": _day(episode.discharged),
        "ngay_kham": _day(episode.admitted),
        "giam_doc": episode.head,
        "bac_si_kham": episode.doctor,
        "tk_qua_trinh": case.summary,
        "tk_xet_nghiem": _results_text(episode),
        "tk_benh_chinh": case.diagnosis,
        "tk_benh_chinh_ma": case.icd10,
        **({"tk_benh_kem": other[1], "tk_benh_kem_ma": other[0]} if other else {}),
        "tk_phuong_phap": case.treatment,
        "tk_tinh_trang": "Ổn định, đi lại được.",
        "tk_huong": case.advice,
        "ho_so": [
            {"loai": "4", "so_to": len(case.results)},
            {"loai": "6", "so_to": len(case.results) + 2},
        ],
        "ngay_tong_ket": _day(episode.discharged),
        "bac_si_dieu_tri": episode.doctor,
    }


def _treatment_sheets(episode: Episode) -> list[Json]:
    """Return a paper for each entry where the ward signs entry by entry, else one for the whole
    sheet.
    """
    entries = [
        {"thoi_gian": _at(at), "dien_bien_benh": seen, "chi_dinh": order}
        for at, seen, order in episode.entries()
    ]
    sheet = {
        "khoa": episode.case.department_name,
        "to_so": 1,
        "phong": "01",
        "giuong": episode.key[-2:],
        "so_vao_vien": episode.key[-5:],
        "chan_doan": episode.case.words,
        "bac_si_ky": episode.doctor,
    }
    if episode.case.department in _SIGNED_BY_ENTRY:
        return [
            _paper("36/BV2", f"to-1.{number}", {**sheet, "dien_bien": [entry]})
            for number, entry in enumerate(entries, 1)
        ]
    return [_paper("36/BV2", "to-1", {**sheet, "dien_bien": entries})]


def _test_results(episode: Episode) -> Json:
    case = episode.case
    return {
        "khoa": case.department_name,
        "chan_doan": case.diagnosis,
        "loai_xet_nghiem": "Cận lâm sàng lúc vào",
        "bac_si_chi_dinh": episode.doctor,
        "chi_dinh_luc": _at(episode.admitted),
        "tra_ket_qua_luc": _at(episode.admitted.replace(hour=episode.admitted.hour + 2)),
        "ket_qua": [
            {"ten_chi_so": name, "gia_tri": value, **({"don_vi": unit} if unit else {})}
            for name, value, unit in case.results
        ],
        "nguoi_tra_ket_qua": "KTV. Phan Thị Thử Thoa",
    }


def _discharge(episode: Episode) -> Json:
    case = episode.case
    return {
        "so": f"RV-{episode.key[-5:]}",
        "so_ho_so": f"HS{episode.key[3:]}",
        "khoa": case.department_name,
        "tuoi": str(_age(episode)),
        "dan_toc": "Kinh",
        "ma_so_bhxh": episode.person.card[-10:],
        "chan_doan": case.words,
        "icd10": "; ".join([case.icd10, *case.others]),
        "phuong_phap_dieu_tri": case.treatment,
        "ghi_chu": case.advice,
        "ngay_chung_tu": _day(episode.discharged),
        "nguoi_hanh_nghe": episode.doctor,
        "thu_truong": episode.head,
    }


def _summary(episode: Episode) -> Json:
    case = episode.case
    treatment = "phau_thuat_thu_thuat" if case.department in _SURGICAL else "noi_khoa"
    return {
        "so": f"TT-{episode.key[-5:]}",
        "khoa": case.department_name,
        "dan_toc": "Kinh",
        "ly_do_vao_vien": case.reason,
        "chan_doan_vao": case.diagnosis,
        "chan_doan_ra": case.words,
        "icd10": "; ".join([case.icd10, *case.others]),
        "qua_trinh_benh_ly": case.history,
        "tien_su_benh": case.past,
        "dau_hieu_lam_sang": case.examination,
        "tom_tat_ket_qua": _results_text(episode),
        treatment: case.treatment,
        "tinh_trang_ra_vien": case.outcome,
        "huong_dieu_tri": case.advice,
        "ngay_chung_tu": _day(episode.discharged),
        "dai_dien": episode.head,
    }


def _transfer(episode: Episode) -> Json:
    case, transfer = episode.case, episode.case.transfer
    assert transfer is not None
    return {
        "so": f"{episode.key[-5:]}/GCT",
        "so_ho_so": f"HS{episode.key[3:]}",
        "kinh_gui": "Bệnh viện Mẫu Tuyến Trên",
        "dan_toc": "Kinh",
        "quoc_tich": "Việt Nam",
        "the_han": f"{episode.discharged:%Y}-12-31",
        "da_kham": [
            {
                "co_so": "Bệnh viện Mẫu",
                "tu_ngay": _day(episode.admitted),
                "den_ngay": _day(episode.discharged),
            }
        ],
        "dau_hieu_lam_sang": case.examination,
        "ket_qua_xet_nghiem": _results_text(episode),
        "chan_doan": case.words,
        "icd10": "; ".join([case.icd10, *case.others]),
        "phuong_phap": case.treatment,
        "tinh_trang": transfer.state,
        "ly_do": {"1": "1a", "2": "1b", "3": "2"}[transfer.reason],
        "huong_dieu_tri": transfer.plan,
        "chuyen_luc": _at(episode.discharged),
        "phuong_tien": "Xe cứu thương",
        "ho_tong": "ĐD. Trần Văn Thử Hộ",
        "nguoi_hanh_nghe": episode.doctor,
        "dai_dien": episode.head,
        "ngay_phieu": _day(episode.discharged),
    }
