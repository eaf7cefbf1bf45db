"""When the silence of a peer is expected, in local time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from gateway.silence.days import Days, read_days
from gateway.silence.settings import QuietTime, SilenceSettings
from gateway.silence.week_times import ALL_DAY, WeekTimes, read_week_times


@dataclass(frozen=True, slots=True)
class _Quiet:
    dates: Sequence[Days]
    hours: Sequence[WeekTimes]
    peers: frozenset[str]

    def covers(self, now: datetime) -> bool:
        """Whether *now* is in it. A night that begins on one of its days is in it until its end."""
        begun = [day for hours in self.hours if (day := hours.begun_on(now)) is not None]
        return any(not self.dates or any(day.date() in days for days in self.dates) for day in begun)


class Calendar:
    """The local time, and what `silence.quiet` says of it."""

    def __init__(self, settings: SilenceSettings) -> None:
        self._zone = None if settings.time_zone is None else ZoneInfo(settings.time_zone)
        self._quiet = [_read(each) for each in settings.quiet]

    def hour_of_week(self, at: float) -> int:
        """Return the hour of the week of a time in seconds since the epoch, counted from Monday 0:00."""
        now = self._local(at)
        return now.weekday() * 24 + now.hour

    def quiet_peers(self, at: float, peers: Iterable[str]) -> set[str]:
        """Return those of *peers* whose silence is expected at a time."""
        now = self._local(at)
        current = [each for each in self._quiet if each.covers(now)]
        return {peer for peer in peers if any(not each.peers or peer in each.peers for each in current)}

    def _local(self, at: float) -> datetime:
        return datetime.fromtimestamp(at, UTC).astimezone(self._zone)


def _read(quiet: QuietTime) -> _Quiet:
    hours = [read_week_times(each) for each in quiet.hours] or [ALL_DAY]
    return _Quiet([read_days(each) for each in quiet.dates], hours, frozenset(quiet.peers))
