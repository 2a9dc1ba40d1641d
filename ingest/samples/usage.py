"""What a demonstration stay used, as the papers of drugs, services, costs and care tell it."""

from datetime import date, timedelta
from typing import Any

from ingest.samples.episode import Episode

Json = dict[str, Any]
# words of a service, and its group of costs in BKCP/QD697; what none names is a laboratory test
_GROUPS = {
    "giường": "giuong",
    "Khám": "kham",
    "X-quang": "cdha",
    "Siêu âm": "cdha",
    "Điện": "tdcn",
    "châm": "thu_thuat",
    "Phẫu thuật": "thu_thuat",
    "Ghép": "thu_thuat",
    "Thay băng": "thu_thuat",
    "Xoa bóp": "thu_thuat",
}
# these groups of costs as the groups of services in PCKDV/TT50
_SERVICES = {"giuong": "1", "kham": "2", "cdha": "7", "tdcn": "7", "thu_thuat": "8"}
_INSURED = 80  # percent
_PRICES = {"Viên": 1_500, "Gói": 2_000, "Lọ": 12_000, "Chai": 9_500, "Ống": 7_000}  # dong
_DAYS = 10  # on one sheet of PCKDV/TT50


def usage(code: str, episode: Episode) -> Json:
    """Return the fields of the form `code` that say what the stay used; nothing for others."""
    of_form = {
        "BKCP/QD697": _costs,
        "DT/TT26": _prescription,
        "PCKDV/TT50": _services,
        "PCKT/TT50": _drugs_of_a_day,
        "PCS/CS": _care,
    }.get(code)
    return of_form(episode) if of_form else {}


def _group(service: str) -> str:
    return next((group for words, group in _GROUPS.items() if words in service), "xet_nghiem")


def _times(service: str, episode: Episode) -> int:
    return episode.case.days if _group(service) == "giuong" else 1


def _unit(service: str) -> str:
    return "Ngày" if _group(service) == "giuong" else "Lần"


def _costs(episode: Episode) -> Json:
    rows = [
        _cost(_group(name), name, _unit(name), int(price), _times(name, episode))
        for name, price in episode.case.services
    ]
    rows += [
        _cost("thuoc", f"{name} {strength}", unit, _PRICES.get(unit, 5_000), int(quantity))
        for name, strength, unit, quantity, _ in episode.case.drugs
    ]
    groups = list(dict.fromkeys(str(row["nhom"]) for row in rows))
    sums = [
        {"nhom": group, **_sum([row for row in rows if row["nhom"] == group])} for group in groups
    ]
    total = _sum(rows)
    return {
        "chi_phi": rows,
        "cong": [*sums, total],
        "tong_so_ngay": episode.case.days,
        "ma_khoa": episode.case.department,
        "chan_doan_ma": episode.case.icd10,
        "benh_kem": "; ".join(episode.case.others.values()),
        "benh_kem_ma": "; ".join(episode.case.others),
        "tong_chi_phi": total["thanh_tien_bv"],
        "tong_chi_phi_chu": "",
        "tong_quy_bhyt": total["quy_bhyt"],
        "tong_nguoi_benh": total["cung_chi_tra"],
        "tong_cung_chi_tra": total["cung_chi_tra"],
        "noi_chuyen_di": "",
        "so_phim": sum("X-quang" in row["noi_dung"] for row in rows),
    }


def _cost(group: str, name: str, unit: str, price: int, count: int) -> Json:
    amount = price * count
    paid = amount * _INSURED // 100
    return {
        "nhom": group,
        "noi_dung": name,
        "don_vi": unit,
        "so_luong": count,
        "don_gia_bv": price,
        "don_gia_bh": price,
        "ty_le_dich_vu": 100,
        "thanh_tien_bv": amount,
        "ty_le_bhyt": 100,
        "thanh_tien_bh": amount,
        "quy_bhyt": paid,
        "cung_chi_tra": amount - paid,
        "khac": 0,
        "tu_tra": 0,
    }


def _sum(rows: list[Json]) -> Json:
    amounts = ("thanh_tien_bv", "thanh_tien_bh", "quy_bhyt", "cung_chi_tra", "khac", "tu_tra")
    return {name: sum(int(row[name]) for row in rows) for name in amounts}


def _services(episode: Episode) -> Json:
    days = min(episode.case.days, _DAYS)
    used: list[Json] = []
    for name, _ in episode.case.services:
        group = _group(name)
        on = range(1, days + 1) if group == "giuong" else (1,)
        used.append(_used(_SERVICES.get(group, "6"), name, _unit(name), on))
    used += [
        _used("3", f"{name} {strength}", unit, range(1, days))
        for name, strength, unit, _, _ in episode.case.drugs
    ]
    first = episode.admitted.date()
    signed = [
        {"ngay": _iso(first + timedelta(days=day)), "nguoi_lap": "ĐD. Vũ Thị Thử"}
        for day in range(days)
    ]
    return {"dich_vu": used, "tu_ngay": _iso(first), "ky_hang_ngay": signed}


def _used(group: str, name: str, unit: str, days: range | tuple[int, ...]) -> Json:
    marks = {f"ngay_{day}": 1 for day in days}
    row = {"nhom": group, "ten": name, "don_vi": unit, **marks}
    return {**row, "tong_so": len(marks), "ghi_chu": "Bảo hiểm"}


def _drugs_of_a_day(episode: Episode) -> Json:
    rows = []
    for name, strength, unit, _, dose in episode.case.drugs:
        times = ("toi",) if "tối" in dose else ("sang", "toi") if "2 lần" in dose else ("sang",)
        rows.append(
            {
                "ten_thuoc": f"{name} {strength}",
                "don_vi": unit,
                "duong_dung": dose,
                **dict.fromkeys(times, "1"),
                "so_luong": len(times),
                "nguon": "Bảo hiểm",
            }
        )
    return {"thuoc": rows}


def _prescription(episode: Episode) -> Json:
    """Keep the example's drugs: what is taken home is not what the ward gave."""
    came, born = episode.admitted.date(), episode.person.born
    months = (came.year - born.year) * 12 + came.month - born.month - (came.day < born.day)
    under_six_years = months < 72  # whose months the prescription states
    return {
        "bac_si_ke_don": episode.doctor,
        "thang_tuoi": months if under_six_years else "",
        **({} if under_six_years else {"nguoi_dua_tre": ""}),
    }


def _care(episode: Episode) -> Json:
    rows = [
        {
            "thoi_gian": at.isoformat(timespec="seconds"),
            "dien_bien": seen,
            "y_lenh": ordered,
            "dieu_duong": "ĐD. Vũ Thị Thử",
        }
        for at, seen, ordered in episode.entries()
    ]
    return {"cham_soc": rows}


def _iso(day: date) -> str:
    return day.isoformat()
