"""Insurance tables XML6 to XML15 of an invented episode: certificates and programme records."""

from datetime import timedelta

from ingest.samples.episode import Episode
from ingest.samples.values import Row, day, moment, stay, what, who


def _paper(episode: Episode) -> Row:
    return {
        "MA_LK": episode.key,
        "NGAY_CT": day(episode.discharged),
        "MA_TTDV": "0000000001",
        "MA_BS": "0000000002",
        "MA_BAC_SI": "000001/TEST-CCHN",
        "TEN_BS": episode.doctor,
    }


def hiv(episode: Episode) -> list[Row]:
    """Return the row of XML6."""
    started = episode.admitted.replace(year=episode.admitted.year - 4, day=1)
    return [
        {
            **who(episode),
            "MA_LK": episode.key,
            "SO_CCCD": episode.person.national_id,
            "NGAYKD_HIV": day(started),
            "NOI_LAY_MAU_XN": episode.facility,
            "NOI_XN_KD": episode.facility,
            "NOI_BDDT_ARV": episode.facility,
            "BDDT_ARV": day(started + timedelta(days=20)),
            "MA_LYDO_DTRI": "1",
            "LOAI_DTRI_LAO": "0",
            "SANG_LOC_LAO": "2",
            "KQ_XNTL_VR": "1",
            "MA_LOAI_BN": "1",
            "GIAI_DOAN_LAM_SANG": "1",
            "MA_XU_TRI": "1",
            "NGAY_BAT_DAU_XU_TRI": day(episode.admitted),
            "NGAY_KET_THUC_XU_TRI": day(episode.admitted + timedelta(days=30)),
            "SO_NGAY_CAP_THUOC_ARV": "30",
        }
    ]


def discharge(episode: Episode) -> list[Row]:
    """Return the record of XML7."""
    return [
        {
            **_paper(episode),
            **stay(episode),
            **what(episode),
            "SO_LUU_TRU": f"HS{episode.key[3:]}",
            "MA_YTE": episode.person.local_id,
            "MA_KHOA_RV": episode.case.department,
            "GHI_CHU": episode.case.advice,
        }
    ]


def history(episode: Episode) -> list[Row]:
    """Return the record of XML8."""
    case = episode.case
    return [
        {
            **_paper(episode),
            **stay(episode),
            **what(episode),
            "MA_LOAI_KCB": case.care,
            "CHAN_DOAN_VAO": case.diagnosis,
            "QT_BENHLY": case.history,
            "TOMTAT_KQ": "; ".join(
                f"{name}: {value} {unit}".strip() for name, value, unit in case.results
            ),
            "KET_QUA_DTRI": case.outcome,
            "GHI_CHU": case.advice,
        }
    ]


def birth(episode: Episode, number: int, children: int) -> Row:
    """Return the row of XML9 for one of the children."""
    mother = episode.person
    return {
        **_paper(episode),
        "MA_THE_NND": mother.card,
        "HO_TEN_NND": mother.name,
        "NGAYSINH_NND": day(mother.born),
        "MA_DANTOC_NND": "01",
        "SO_CCCD_NND": mother.national_id,
        "NGAYCAP_CCCD_NND": "20220101",
        "NOICAP_CCCD_NND": "Cơ quan cấp thử nghiệm",
        "NOI_CU_TRU_NND": mother.address,
        "MA_QUOCTICH": "000",
        "MATINH_CU_TRU": "00",
        "MAXA_CU_TRU": "00000",
        "HO_TEN_CON": f"{mother.name.split()[0]} Mẫu Bé {number}",
        "GIOI_TINH_CON": "12"[number % 2],
        "SO_CON": str(children),
        "LAN_SINH": "2",
        "SO_CON_SONG": str(children + 1),
        "CAN_NANG_CON": str(2500 + 150 * number),
        "NGAY_SINH_CON": moment(episode.admitted + timedelta(hours=4, minutes=7 * number)),
        "NOI_SINH_CON": "Bệnh viện Mẫu, Tỉnh Mẫu",
        "TINH_TRANG_CON": "Khỏe mạnh",
        "SINHCON_PHAUTHUAT": "0",
        "SINHCON_DUOI32TUAN": "0",
        "GHI_CHU": "Không",
        "NGUOI_DO_DE": "NHS. Trần Thị Thử Diệp",
        "NGUOI_GHI_PHIEU": "NHS. Lê Thị Mẫu Thảo",
        "SO": str(number),
        "QUYEN_SO": "1",
    }


def pregnancy_leave(episode: Episode) -> list[Row]:
    """Return the record of XML10."""
    days = episode.case.leave_days or 0
    return [
        {
            **_paper(episode),
            "SO_SERI": f"TEST-{episode.key[-5:]}",
            "SO_CT": f"DT-{episode.key[-5:]}",
            "SO_NGAY": str(days),
            "DON_VI": "Công ty Thử Nghiệm",
            "CHAN_DOAN_RV": episode.case.words,
            "TU_NGAY": day(episode.discharged),
            "DEN_NGAY": day(episode.discharged + timedelta(days=days - 1)),
        }
    ]


def sick_leave(episode: Episode) -> list[Row]:
    """Return the record of XML11."""
    return [
        {
            **_paper(episode),
            **what(episode),
            "SO_CT": f"NV-{episode.key[-5:]}",
            "SO_SERI": f"TEST-{episode.key[-5:]}",
            "SO_KCB": episode.key[-5:],
            "DON_VI": "Công ty Thử Nghiệm",
            "MA_BHXH": episode.person.card[-10:],
            "MA_THE_BHYT": episode.person.card,
            "SO_NGAY_NGHI": "2",
            "TU_NGAY": day(episode.discharged),
            "DEN_NGAY": day(episode.discharged + timedelta(days=1)),
            "MAU_SO": "CT07",
        }
    ]


def assessment(episode: Episode) -> list[Row]:
    """Return the record of XML12."""
    person = episode.person
    return [
        {
            **who(episode),
            "NGUOI_CHU_TRI": episode.head,
            "CHUC_VU": "1",
            "NGAY_HOP": day(episode.discharged),
            "NGAY_SINH": day(person.born),
            "SO_CCCD": person.national_id,
            "MA_BHXH": person.card[-10:],
            "MA_DOI_TUONG": "BHXH1L",
            "KHAM_GIAM_DINH": "1",
            "SO_BIEN_BAN": "01/TEST",
            "NGAY_CHUNG_TU": day(episode.discharged),
            "KET_QUA_KHAM": episode.case.summary,
            "TYLE_TTCT_MOI": "61",
            "TONG_TYLE_TTCT": "61",
            "DE_NGHI": "Khám giám định lại sau hai năm",
        }
    ]


def transfer(episode: Episode) -> list[Row]:
    """Return the record of XML13, with the field names of every version."""
    case, transfer = episode.case, episode.case.transfer
    assert transfer is not None
    return [
        {
            **_paper(episode),
            **who(episode),
            **stay(episode),
            **what(episode),
            "SO_HOSO": f"CT-{episode.key[-5:]}",
            "SO_CHUYENTUYEN": "12/TEST",
            "GIAY_CHUYEN_TUYEN": f"{episode.key[-5:]}/GCT",
            "MA_CSKCB_DI": episode.facility,
            "MA_NOI_DI": episode.facility,
            "MA_CSKCB_DEN": "00002",
            "MA_NOI_DEN": "00002",
            "DAU_HIEU_LS": case.examination,
            "QT_BENHLY": case.history,
            "TOMTAT_KQ": case.summary,
            "TEN_DICH_VU": "; ".join(name for name, _ in case.services),
            "TEN_THUOC": "; ".join(drug[0] for drug in case.drugs),
            "TINH_TRANG_CT": transfer.state,
            "MA_LYDO_CT": transfer.reason,
            "HUONG_DIEU_TRI": transfer.plan,
            "PHUONGTIEN_VC": "Xe cứu thương",
            "HOTEN_NGUOI_HT": "ĐD. Trần Văn Thử Hộ",
            "CHUCDANH_NGUOI_HT": "Điều dưỡng",
        }
    ]


def appointment(episode: Episode) -> list[Row]:
    """Return the record of XML14."""
    on = episode.discharged + timedelta(days=episode.case.appointment_days or 0)
    return [
        {
            **_paper(episode),
            **who(episode),
            **stay(episode),
            **what(episode),
            "SO_GIAYHEN_KL": f"HK-{episode.key[-5:]}",
            "NGAY_HEN_KL": day(on),
            "MA_DOITUONG_KCB": "1",
        }
    ]


def tuberculosis(episode: Episode) -> list[Row]:
    """Return the row of XML15."""
    return [
        {
            **who(episode),
            "MA_LK": episode.key,
            "STT": "1",
            "MA_BN": episode.person.local_id,
            "SO_CCCD": episode.person.national_id,
            "PHANLOAI_LAO_VITRI": "1",
            "PHANLOAI_LAO_TS": "1",
            "PHANLOAI_LAO_HIV": "2",
            "PHANLOAI_LAO_VK": "1",
            "LOAI_DTRI_LAO": "2",
            "NGAYBD_DTRI_LAO": day(episode.admitted + timedelta(days=1)),
            "PHACDO_DTRI_LAO": "1",
        }
    ]
