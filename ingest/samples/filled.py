"""Papers of a demonstration chart that come from the filled examples of the forms."""

import re
from datetime import date, datetime, timedelta
from typing import Any

from archive.base.clock import VIETNAM
from ingest.forms.catalog import FormCatalog
from ingest.forms.samples import sample
from ingest.samples.episode import Episode

# the stay that the examples are about
_CAME, _LEFT = date(2026, 11, 2), date(2026, 11, 10)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")


def filled(code: str, episode: Episode) -> dict[str, Any]:
    """Return the data of the example of the form `code`, on the days of `episode`.

    Raises :class:`ValueError` where the form has no example.
    """
    form = FormCatalog.load().get(code)
    data = sample(form)
    if data is None:
        raise ValueError(f"{code} has no example")
    moved: dict[str, Any] = _moved(data, episode)
    own = {name: words for name, words in _own(episode).items() if name in moved}
    return {name: value for name, value in (moved | own).items() if value != ""}


def _own(episode: Episode) -> dict[str, str]:
    """Return what papers of several forms say of the episode and its patient; empty: nothing."""
    case = episode.case
    return {
        "khoa": case.department_name,
        "chan_doan": case.diagnosis,
        "icd10": case.icd10,
        "benh_kem_theo": "; ".join(case.others.values()),
        "icd10_kem_theo": "; ".join(case.others),
        "noi_thuong_tru": episode.person.address,
        "giay_to_so": episode.person.national_id,
        "tu_vong_bang_chu": "",  # the day is another one
    }


def _moved(value: Any, episode: Episode) -> Any:
    if isinstance(value, dict):
        return {name: _moved(inner, episode) for name, inner in value.items()}
    if isinstance(value, list):
        return [_moved(inner, episode) for inner in value]
    if isinstance(value, str) and _DAY.match(value):
        return _day(date.fromisoformat(value), episode).isoformat()
    if isinstance(value, str) and _MOMENT.match(value):
        moment = datetime.fromisoformat(value).astimezone(VIETNAM)
        there = datetime.combine(_day(moment.date(), episode), moment.timetz())
        return min(there, episode.discharged).isoformat(timespec="seconds")
    return value


def _day(day: date, episode: Episode) -> date:
    """Return the day of the episode that is as far into its stay as `day` is into the example's."""
    came, left = episode.admitted.date(), episode.discharged.date()
    if not _CAME <= day <= _LEFT:
        return day + (came - _CAME)
    share = (day - _CAME) / (_LEFT - _CAME)
    return came + timedelta(days=round((left - came).days * share))
