"""Insurance tables XML1 to XML5 of an invented episode: summary, drugs, services, results,
course.
"""

from datetime import timedelta

from ingest.samples.episode import Episode
from ingest.samples.values import Row, day, moment, stay, what, who


def summary(episode: Episode) -> Row:
    """Return the one record of XML1."""
    case = episode.case
    total = sum(int(price) for _, price in case.services)
    return {
        **who(episode),
        **stay(episode),
        **what(episode),
        "MA_LK": episode.key,
        "STT": "1",
        "MA_BN": episode.person.local_id,
        "SO_CCCD": episode.person.national_id,
        "MA_DKBD": episode.facility,
        "GT_THE_TU": day(episode.admitted.replace(month=1, day=1)),
        "LY_DO_VV": case.reason,
        "LY_DO_VNT": case.reason if episode.inpatient else "",
        "CHAN_DOAN_VAO": case.diagnosis,
        "MA_DOITUONG_KCB": "1",
        "SO_NGAY_DTRI": str(case.days if episode.inpatient else 0),
        "KET_QUA_DTRI": case.outcome,
        "GHI_CHU": case.advice,
        "NGAY_TTOAN": moment(episode.discharged),
        "T_THUOC": "0",
        "T_VTYT": "0",
        "T_TONGCHI_BV": f"{total}.00",
        "T_TONGCHI_BH": f"{total}.00",
        "T_BNTT": "0",
        "T_BNCCT": f"{total * 20 // 100}.00",
        "T_BHTT": f"{total - total * 20 // 100}.00",
        "T_NGUONKHAC": "0",
        "T_BHTT_GDV": "0",
        "NAM_QT": f"{episode.discharged:%Y}",
        "THANG_QT": f"{episode.discharged:%m}",
        "MA_LOAI_KCB": case.care,
        "MA_KHOA": case.department,
        "CAN_NANG": f"{case.vitals.weight}.00",
        "MA_HSBA": f"HS{episode.key[3:]}",
        "MA_TTDV": "0000000001",
    }


def drugs(episode: Episode) -> list[Row]:
    """Return the rows of XML2."""
    return [
        {
            "MA_LK": episode.key,
            "STT": str(number),
            "MA_THUOC": f"00.{number}",
            "MA_NHOM": "4",
            "TEN_THUOC": name,
            "DON_VI_TINH": unit,
            "HAM_LUONG": strength,
            "DUONG_DUNG": "1.01",
            "LIEU_DUNG": dose,
            "PHAM_VI": "1",
            "TYLE_TT_BH": "100",
            "SO_LUONG": f"{quantity}.000",
            "MUC_HUONG": "80",
            "MA_KHOA": episode.case.department,
            "MA_BAC_SI": "000001/TEST-CCHN",
            "NGAY_YL": moment(episode.admitted + timedelta(hours=1)),
            "MA_PTTT": "1",
            "NGUON_CTRA": "1",
        }
        for number, (name, strength, unit, quantity, dose) in enumerate(episode.case.drugs, start=1)
    ]


def services(episode: Episode) -> list[Row]:
    """Return the rows of XML3."""
    return [
        {
            "MA_LK": episode.key,
            "STT": str(number),
            "MA_DICH_VU": f"00.000{number}.0000",
            "MA_NHOM": "1",
            "TEN_DICH_VU": name,
            "DON_VI_TINH": "Lần",
            "PHAM_VI": "1",
            "SO_LUONG": "1.00",
            "DON_GIA_BV": f"{price}.000",
            "DON_GIA_BH": f"{price}.000",
            "TYLE_TT_DV": "100",
            "TYLE_TT_BH": "100",
            "THANH_TIEN_BV": f"{price}.00",
            "THANH_TIEN_BH": f"{price}.00",
            "MUC_HUONG": "80",
            "MA_KHOA": episode.case.department,
            "MA_BAC_SI": "000001/TEST-CCHN",
            "MA_BENH": episode.case.icd10,
            "NGAY_YL": moment(episode.admitted + timedelta(minutes=50)),
            "NGAY_TH_YL": moment(episode.admitted + timedelta(minutes=80)),
            "MA_PTTT": "1",
        }
        for number, (name, price) in enumerate(episode.case.services, start=1)
    ]


def results(episode: Episode) -> list[Row]:
    """Return the rows of XML4."""
    return [
        {
            "MA_LK": episode.key,
            "STT": str(number),
            "MA_DICH_VU": "00.0001.0000",
            "TEN_CHI_SO": name,
            "GIA_TRI": value,
            "DON_VI_DO": unit,
            "NGAY_KQ": moment(episode.admitted + timedelta(hours=2)),
            "MA_BS_DOC_KQ": "000002/TEST-CCHN",
        }
        for number, (name, value, unit) in enumerate(episode.case.results, start=1)
    ]


def course(episode: Episode) -> list[Row]:
    """Return the rows of XML5."""
    return [
        {
            "MA_LK": episode.key,
            "STT": str(number),
            "DIEN_BIEN_LS": seen,
            "THOI_DIEM_DBLS": moment(at),
            "NGUOI_THUC_HIEN": "000001/TEST-CCHN",
        }
        for number, (at, seen, _) in enumerate(episode.entries(), start=1)
    ]
