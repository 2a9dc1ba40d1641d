"""Small insurance files written by hand for the tests:
nothing here comes from the code under test.
"""

import base64
from collections.abc import Mapping
from typing import Any

from archive.base.identifiers import FacilityCode
from ingest.forms.catalog import FormCatalog
from ingest.sources.bhyt.parse import parse
from ingest.sources.limits import DEFAULT_LIMITS, Limits
from ingest.submission import RefusedSource, Submission

FACILITY = FacilityCode("01234")
CATALOG = FormCatalog.load()

ROOTS = {
    "XML1": ("TONG_HOP", None, None),
    "XML2": ("CHITIEU_CHITIET_THUOC", "DSACH_CHI_TIET_THUOC", "CHI_TIET_THUOC"),
    "XML3": ("CHITIEU_CHITIET_DVKT_VTYT", "DSACH_CHI_TIET_DVKT", "CHI_TIET_DVKT"),
    "XML6": (
        "CHI_TIEU_HO_SO_BENH_AN_CHAM_SOC_VA_DIEU_TRI_HIV_AIDS",
        "DSACH_HO_SO_BENH_AN_CHAM_SOC_VA_DIEU_TRI_HIV_AIDS",
        "HO_SO_BENH_AN_CHAM_SOC_VA_DIEU_TRI_HIV_AIDS",
    ),
    "XML7": ("CHI_TIEU_DU_LIEU_GIAY_RA_VIEN", None, None),
    "XML8": ("CHI_TIEU_DU_LIEU_TOM_TAT_HO_SO_BENH_AN", None, None),
    "XML10": ("CHI_TIEU_DU_LIEU_GIAY_NGHI_DUONG_THAI", None, None),
    "XML11": (
        "CHI_TIEU_DU_LIEU_GIAY_CHUNG_NHAN_NGHI_VIEC_HUONG_BAO_HIEM_XA_HOI",
        None,
        None,
    ),
    "XML12": ("GIAM_DINH_Y_KHOA", None, None),
    "XML13": ("CHI_TIEU_GIAYCHUYENTUYEN", None, None),
    "XML14": ("CHI_TIEU_GIAYHEN_KHAMLAI", None, None),
}

Fields = Mapping[str, str]


def xml1(**changes: str) -> dict[str, str]:
    """Return the fields of a good XML1, with `changes`."""
    return {
        "MA_LK": "LK1",
        "STT": "1",
        "MA_BN": "BN01",
        "HO_TEN": "Nguyễn Thị Mẫu Hòa",
        "SO_CCCD": "000123456789",
        "NGAY_SINH": "198003150000",
        "GIOI_TINH": "2",
        "DIA_CHI": "Số 1 Phố Thử Nghiệm",
        "MA_THE_BHYT": "GD4000000000001;GD4000000000002",
        "CHAN_DOAN_RV": "Viêm phổi",
        "MA_BENH_CHINH": "J18.9",
        "MA_BENH_KT": "I10;E11.9",
        "NGAY_VAO": "202601100730",
        "NGAY_RA": "202601151000",
        "KET_QUA_DTRI": "1",
        "MA_LOAI_KCB": "03",
        "MA_KHOA": "K03",
        "MA_CSKCB": "01234",
        **changes,
    }


def table(code: str, *rows: Fields) -> bytes:
    """Return a table's XML with `rows`."""
    root, list_, row = ROOTS[code]
    records = [
        "".join(f"<{name}>{value}</{name}>" for name, value in fields.items()) for fields in rows
    ]
    if row is None:
        return f"<{root}>{records[0]}</{root}>".encode()
    listed = "".join(f"<{row}>{record}</{row}>" for record in records)
    return f"<{root}><{list_}>{listed}</{list_}></{root}>".encode()


def b64(data: bytes) -> bytes:
    """Return `data` as base64."""
    return base64.b64encode(data)


def file(code: str, content: bytes) -> bytes:
    """Return a FILEHOSO with `content` unchanged."""
    return b"<FILEHOSO><LOAIHOSO>%b</LOAIHOSO><NOIDUNGFILE>%b</NOIDUNGFILE></FILEHOSO>" % (
        code.encode(),
        content,
    )


def hoso(*files: bytes) -> bytes:
    """Return one HOSO."""
    return b"<HOSO>" + b"".join(files) + b"</HOSO>"


def envelope(*charts: bytes, facility: str = "01234", head: str = "") -> bytes:
    """Return a GIAMDINHHS file; `head` is before its root element."""
    return (
        (
            f"{head}<GIAMDINHHS><THONGTINDONVI><MACSKCB>{facility}</MACSKCB></THONGTINDONVI>"
            f"<THONGTINHOSO><NGAYLAP>20260116</NGAYLAP><SOLUONGHOSO>{len(charts)}</SOLUONGHOSO><DANHSACHHOSO>"
        ).encode()
        + b"".join(charts)
        + b"</DANHSACHHOSO></THONGTINHOSO><CHUKYDONVI/></GIAMDINHHS>"
    )


def chart(*tables: tuple[str, bytes]) -> bytes:
    """Return a file with one chart, its tables in base64."""
    return envelope(hoso(*(file(code, b64(data)) for code, data in tables)))


def good(**changes: str) -> bytes:
    """Return a file with one chart that has an XML1 only."""
    return chart(("XML1", table("XML1", xml1(**changes))))


def accepted(data: bytes, name: str = "a.xml") -> Submission:
    """Parse a file that must hold one good chart."""
    (parsed,) = parse(name, data, FACILITY)
    assert isinstance(parsed, Submission), [(fault.path, fault.code) for fault in parsed.faults]
    return parsed


def refused(data: bytes, limits: Limits = DEFAULT_LIMITS) -> list[tuple[str, str]]:
    """Parse a file that must be refused once, and return the faults as `(path, code)`."""
    (parsed,) = parse("a.xml", data, FACILITY, limits)
    assert isinstance(parsed, RefusedSource)
    return [(fault.path, fault.code) for fault in parsed.faults]


def json_chart(**changes: Any) -> dict[str, Any]:
    """Return a good JSON record as a document, with `changes` of its members."""
    return {
        "format": "kho-chart/1",
        "facility": "01234",
        "patient": {"name": "Nguyễn Thị Mẫu Hòa", "birth_date": "1980-03", "sex": "2"},
        "chart": {
            "episode": "LK1",
            "kind": "inpatient",
            "admitted_at": "2026-01-10T07:30:00+07:00",
            "discharged_at": "2026-01-15T10:00:00+07:00",
        },
        "papers": [
            {
                "form": "16/BV2",
                "key": "1",
                "data": {
                    "loai_xet_nghiem": "Máu",
                    "tra_ket_qua_luc": "2026-01-10T09:30:00+07:00",
                    "ket_qua": [{"ten_chi_so": "CRP", "gia_tri": "96"}],
                },
            }
        ],
        **changes,
    }
