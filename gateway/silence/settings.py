"""The settings of what counts as a peer's silence."""

from datetime import date
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from gateway.contract.settings import Settings
from gateway.silence.days import read_days
from gateway.silence.week_times import read_week_times


def _as_written(value: object) -> object:
    return value.isoformat() if type(value) is date else value  # YAML reads 2026-12-25 as a date


def _days(text: str) -> str:
    read_days(text)
    return text


def _week_times(text: str) -> str:
    read_week_times(text)
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, ZoneInfoNotFoundError):
        raise ValueError("is not a known time zone; write one such as `Europe/Berlin` or `UTC`") from None
    return name


Days = Annotated[str, BeforeValidator(_as_written), AfterValidator(_days)]
"""``2026-12-25``, ``12-25`` (every year), or a range of either: ``12-24..01-02``."""
WeekTimes = Annotated[str, AfterValidator(_week_times)]
"""``Sat``, ``Mon-Fri 19:00-06:30``, ``Mon,Wed 12:00-13:00`` or ``02:00-04:00``."""


class QuietTime(Settings):
    """A time in which peers are expected to be silent."""

    dates: tuple[Days, ...] = ()
    """Days: `2026-12-25`, or every year `12-25`; or from one day to another, with both: `12-24..01-02`. By default
    every day."""
    hours: tuple[WeekTimes, ...] = ()
    """Days of the week, times, or both: `Sat-Sun`, `02:00-04:00`, `Mon-Fri 19:00-06:30` (until the next morning). With
    ``dates`` they count on those days only. By default the whole day."""
    peers: tuple[str, ...] = ()
    """The peers that this is about, by the names that operators see; by default all."""

    @model_validator(mode="after")
    def _is_not_always(self) -> Self:
        if not self.dates and not self.hours:
            raise ValueError("would be quiet always; add `dates:` or `hours:`")
        return self


class SilenceSettings(Settings):
    """When a peer counts as silent. `peers.NAME.silence_after` is the way to set it by hand."""

    learn: bool = True
    """Whether Hilum learns what is usual for each peer. With `false` only peers with ``silence_after`` are judged."""
    time_zone: Annotated[str, AfterValidator(_zone)] | None = Field(default=None)
    """The time zone of working hours and of ``quiet``, such as `Europe/Berlin`; by default that of the machine."""
    quiet: tuple[QuietTime, ...] = ()
    """Times in which silence is expected, such as holidays and maintenance: no peer is marked, and nothing is
    learnt."""
