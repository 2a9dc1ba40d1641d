"""Papers of a demonstration chart that come from the filled examples of the forms."""

import re
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from archive.base.clock import VIETNAM
from ingest.forms.catalog import FormCatalog
from ingest.forms.plain_yaml import load_yaml
from ingest.forms.samples import sample
from ingest.samples.episode import Episode
from ingest.samples.usage import usage

# the stay that most examples are about
_CAME, _LEFT = datetime(2026, 11, 2, 8, 15, tzinfo=VIETNAM), date(2026, 11, 10)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
_TELLING = ("/BV2", "/CS", "/TT26", "/TT50", "/TT51", "/QD697")  # codes of papers of the ward
_GROWN, _HEIGHT_OF_A_CHILD = 15, 86  # years; centimetres
# examples fill every field of a record, also those that only an end by death or a referral has
_OF_OTHER_ENDS = frozenset(
    {
        "tu_vong_luc",
        "tu_vong_do",
        "tu_vong_trong",
        "nguyen_nhan_tu_vong",
        "nguyen_nhan_tu_vong_ma",
        "kham_nghiem_tu_thi",
        "cd_tu_thi",
        "cd_tu_thi_ma",
        "chuyen_vien",
        "chuyen_den",
        "chuyen_khoa",
    }
)


def filled(code: str, episode: Episode) -> dict[str, Any]:
    """Return the data of the example of the form `code`, on the days of `episode`.

    A case record (bệnh án) keeps the story of its example, which its case shares. Papers of the
    ward tell that of the case, and what `papers.yaml` says for it.

    Raises :class:`ValueError` where the form has no example.
    """
    form = FormCatalog.load().get(code)
    data = sample(form)
    if data is None:
        raise ValueError(f"{code} has no example")
    said = _papers().get(episode.case.name, {}).get(code, {})
    moved: dict[str, Any] = _moved(data | said, episode, _stay(data))
    own = _own(episode) | (_story(episode, moved) if code.endswith(_TELLING) else {})
    named = {name: value for name, value in own.items() if name in moved} | usage(code, episode)
    left_out = _OF_OTHER_ENDS if code.endswith("/BV1") and not episode.case.died else ()
    return {
        name: value
        for name, value in (moved | {n: v for n, v in named.items() if n not in said}).items()
        if value != "" and name not in left_out
    }


@cache
def _papers() -> dict[str, dict[str, dict[str, Any]]]:
    """Return what papers say of one case only, by case and form."""
    text = files("ingest.samples").joinpath("papers.yaml").read_text(encoding="utf-8")
    papers: dict[str, dict[str, dict[str, Any]]] = load_yaml(text)
    return papers


def _own(episode: Episode) -> dict[str, Any]:
    """Return what papers of several forms say of the episode and its patient; empty: nothing."""
    case, person = episode.case, episode.person
    return {
        "khoa": case.department_name,
        "chan_doan": case.diagnosis,
        "chan_doan_ma": case.icd10,
        "icd10": case.icd10,
        "benh_kem_theo": "; ".join(case.others.values()),
        "icd10_kem_theo": "; ".join(case.others),
        "noi_thuong_tru": person.address,
        "giay_to_so": person.national_id,
        "tu_vong_bang_chu": "",  # the day is another one
        "so_vao_vien": episode.key[-5:],
        "giuong": episode.key[-2:],
        "ma_yt": person.local_id,
        "so_nha": person.street,
        "thon_pho": "",
        "xa_phuong": person.commune,
        "huyen": "",
        "huyen_ma": "",
        "tinh": person.province,
        "tinh_ma": "",
        "nguoi_nha": f"{episode.relative.name}, {episode.relative.address}",
        "tong_so_ngay": case.days,
        "vao_khoa_so_ngay": case.days,
        "bac_si_dieu_tri": episode.doctor,
        "bac_si_lam_benh_an": episode.doctor,
        "bac_si_kham": episode.doctor,
        "giam_doc": episode.head,
        "thu_truong": episode.head,
        "dai_dien": episode.head,
        "nguoi_ghi_giay": episode.doctor,
        "nguoi_than_thich": episode.relative.name,
        "than_nhan": episode.relative.name,
        "so_ho_so": f"HS{episode.key[3:]}",
    }


def _story(episode: Episode, data: dict[str, Any]) -> dict[str, Any]:
    """Return the story of the case, by the names that fields of all forms share."""
    case, vitals = episode.case, episode.case.vitals
    height = data.get("chieu_cao") if case.ages[0] >= _GROWN else _HEIGHT_OF_A_CHILD
    return {
        "ly_do_vao_vien": case.reason,
        "qua_trinh_benh_ly": case.history,
        "tien_su_ban_than": case.past,
        "tien_su_gia_dinh": case.family,
        "toan_than": case.examination,
        "cac_bo_phan": case.lungs,
        "mach": vitals.pulse,
        "nhiet_do": vitals.temperature,
        "huyet_ap_tam_thu": vitals.systolic,
        "huyet_ap_tam_truong": vitals.diastolic,
        "nhip_tho": vitals.breathing,
        "can_nang": vitals.weight,
        "chieu_cao": height,
        "bmi": round(vitals.weight / (height / 100) ** 2, 1) if height else "",
        "cd_noi_gioi_thieu": case.diagnosis,
        "cd_vao_vien": case.diagnosis,
        "cd_vao_vien_ma": case.icd10,
        "tom_tat_can_lam_sang": "; ".join(
            f"{name}: {value} {unit}".strip() for name, value, unit in case.results
        ),
        "da_dieu_tri": "1",  # no
        "da_dieu_tri_ro": "",
        "da_xu_tri": case.course[0][1],
        "vao_khoa": case.department_name,
        "chu_y": "",
        "y_kien_chuyen_khoa": "",
        "than_nhan_quan_he": "Người nhà",
        "bao_tin_quan_he": "người nhà",
        "nguoi_ky_quan_he": "Người nhà",
        "nguoi_nhan_thong_tin": "Người nhà ký giấy này",
        "nguoi_xac_nhan": f"{episode.relative.name} (người nhà)",
        "giay_to_khac": "",
        # who signs is the patient where the form does not ask whether a relative does
        **({} if "nguoi_ky_la" in data else {"nguoi_ky": episode.person.name}),
    }


def _stay(data: dict[str, Any]) -> tuple[datetime, date]:
    """Return when the stay that an example is about began, and its last day."""
    came, left = data.get("vao_khoa_luc"), data.get("ngay_tong_ket")
    if isinstance(came, str) and isinstance(left, str):
        return datetime.fromisoformat(came).astimezone(VIETNAM), date.fromisoformat(left)
    return _CAME, _LEFT


def _moved(value: Any, episode: Episode, stay: tuple[datetime, date]) -> Any:
    if isinstance(value, dict):
        return {name: _moved(inner, episode, stay) for name, inner in value.items()}
    if isinstance(value, list):
        return [_moved(inner, episode, stay) for inner in value]
    if isinstance(value, str) and _DAY.match(value):
        return _day(date.fromisoformat(value), episode, stay).isoformat()
    if isinstance(value, str) and _MOMENT.match(value):
        moment = datetime.fromisoformat(value).astimezone(VIETNAM)
        there = datetime.combine(_day(moment.date(), episode, stay), moment.timetz())
        if moment.date() == stay[0].date():  # as long before or after the stay began
            there = episode.admitted + (moment - stay[0])
        return min(there, episode.discharged).isoformat(timespec="seconds")
    return value


def _day(day: date, episode: Episode, stay: tuple[datetime, date]) -> date:
    """Return the day of the episode that is as far into its stay as `day` is into the example's."""
    came, left = episode.admitted.date(), episode.discharged.date()
    first, last = stay[0].date(), stay[1]
    if not first <= day <= last:
        return day + (came - first)
    share = (day - first) / (last - first)
    return came + timedelta(days=round((left - came).days * share))
