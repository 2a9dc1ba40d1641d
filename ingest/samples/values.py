"""What several insurance tables of an invented episode have in common."""

from datetime import date, datetime, timedelta

from ingest.samples.episode import Episode

Row = dict[str, str]


def day(when: date) -> str:
    """Return `yyyymmdd`."""
    return f"{when:%Y%m%d}"


def moment(when: datetime) -> str:
    """Return `yyyymmddHHMM`."""
    return f"{when:%Y%m%d%H%M}"


def who(episode: Episode) -> Row:
    """Return what tables repeat of the patient."""
    person = episode.person
    return {
        "HO_TEN": person.name,
        "NGAY_SINH": f"{person.born:%Y%m%d}0000",
        "GIOI_TINH": person.sex,
        "MA_QUOCTICH": "000",
        "MA_DANTOC": "01",
        "MA_NGHE_NGHIEP": "00000",
        "DIA_CHI": person.address,
        "MATINH_CU_TRU": "00",
        "MAXA_CU_TRU": "00000",
        "MA_THE_BHYT": person.card,
        "GT_THE_DEN": day(episode.discharged.replace(month=12, day=31)),
        "MA_CSKCB": episode.facility,
    }


def stay(episode: Episode) -> Row:
    """Return the times of the episode."""
    return {
        "NGAY_VAO": moment(episode.admitted),
        "NGAY_VAO_NOI_TRU": moment(episode.admitted + timedelta(minutes=40))
        if episode.inpatient
        else "",
        "NGAY_RA": moment(episode.discharged),
    }


def what(episode: Episode) -> Row:
    """Return diagnosis, treatment and kind of discharge."""
    case = episode.case
    return {
        "CHAN_DOAN_RV": case.words,
        "MA_BENH_CHINH": case.icd10,
        "MA_BENH_KT": ";".join(case.others),
        "PP_DIEU_TRI": case.treatment,
        "PP_DIEUTRI": case.treatment,
        "MA_LOAI_RV": "2" if case.transfer else "1",
    }
