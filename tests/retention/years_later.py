"""Opening a home at a later time, when terms and locks are over."""

from pathlib import Path

from api.home import Home
from archive.base.clock import Clock, vietnam_date
from archive.base.settings import Settings


def settings_of(folder: Path, clock: Clock) -> Settings:
    """Return the settings of a home, with the day of `clock` confirmed by its administrator."""
    with Home.open(folder) as home:
        settings = home.settings
    confirmed = settings.clock.model_copy(update={"confirmed_day": vietnam_date(clock.now())})
    return settings.model_copy(update={"clock": confirmed})
