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
    if "khoa" in moved:
        moved["khoa"] = episode.case.department_name
    return moved


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
