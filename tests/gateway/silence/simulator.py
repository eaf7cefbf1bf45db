"""Synthetic peers of five kinds, and how often and how fast their silence is noticed. All of it follows from a seed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random

from gateway.silence.estimator import Estimate

MINUTE, HOUR, DAY, WEEK = 60.0, 3600.0, 86400.0, 604800.0
START = 4 * DAY + 2600 * WEEK
"""A Monday, 0:00 UTC, on which the simulation begins."""
LEARNT, JUDGED = 6, 14
"""Weeks that a peer is learnt, and weeks that it is judged afterwards."""
OUTAGE = 9 * HOUR
"""How long each peer is away once in the weeks in which it is learnt."""
HOLIDAYS = 0.14
"""Holidays a week that are no weekend: about seven a year."""
STOPS = 12
"""How often the end of a peer is tried."""


def hour_of_week(at: float) -> int:
    """Return the hour of the week in UTC."""
    return int((at - 4 * DAY) // HOUR) % 168


Messages = list[float]
"""The times of the messages of a day, in seconds since its beginning, in any order."""
Kind = Callable[[Random, bool], Messages]
"""Makes one day of a peer; true is a day on which most people do not work."""


def poisson(chance: Random, mean: float) -> int:
    """Return how many events there are where *mean* are usual."""
    count, left = 0, chance.expovariate(1)
    while left < mean:
        count += 1
        left += chance.expovariate(1)
    return count


def bursts(
    chance: Random, rates: Sequence[float], evenness: float, size: Callable[[], int], seconds: float
) -> Messages:
    """Return messages in bursts of a *size* and of so many *seconds*; some hours are busier than their rate says."""
    found: Messages = []
    for hour, rate in enumerate(rates):
        busy = chance.gammavariate(evenness, 1 / evenness)
        for _ in range(poisson(chance, rate * busy)):
            begin = (hour + chance.random()) * HOUR
            found += [begin, *(begin + chance.random() * seconds for _ in range(size() - 1))]
    return found


def his(chance: Random, is_free: bool) -> Messages:
    """Return a day of a hospital information system: busy by day, quieter by night and at weekends, in bursts."""
    work = [15] * 6 + [40, 100, 160, 170, 160, 150, 120, 140, 150, 140, 110, 75, 50, 40, 30, 25, 20, 17]
    rates = [rate * (0.35 if is_free else 1.0) for rate in work]
    return bursts(chance, rates, 4.0, lambda: 1 + int(chance.expovariate(1.0)), 90.0)


def ct(chance: Random, is_free: bool) -> Messages:
    """Return a day of a CT: studies by day, emergencies by night and at the weekend."""
    work = [0.5] * 6 + [0.8, 2, 3, 3.5, 3.5, 3, 2.5, 3, 3.5, 3, 2.5, 1.8, 1.2, 1, 1, 0.8, 0.6, 0.5]
    rates = [0.4] * 8 + [0.7] * 12 + [0.5] * 4 if is_free else work
    return bursts(chance, rates, 3.0, lambda: chance.choice((2, 3, 4, 6)), 600.0)


def mr(chance: Random, is_free: bool) -> Messages:
    """Return a day of an MR that is used on working days only."""
    work = [0.0] * 7 + [1, 2, 2, 2, 2, 1.5, 2, 2, 2, 1.5, 1, 0.5] + [0.0] * 5
    return bursts(chance, [0.0] * 24 if is_free else work, 6.0, lambda: chance.choice((4, 6, 8)), 1500.0)


def er(chance: Random, _: bool) -> Messages:
    """Return a day of an emergency room: around the clock, in bursts, hours very uneven."""
    rates = [2.0, 1.6, 1.3, 1.0, 0.9, 0.9, 1.2, 1.8, 2.4, *[3.0] * 7, 3.2, 3.5, 3.6, 3.6, 3.4, 3.0, 2.6, 2.2]
    return bursts(chance, rates, 1.5, lambda: 1 + int(chance.expovariate(0.5)), 300.0)


def batch(chance: Random, _: bool) -> Messages:
    """Return a day of a system that sends what it has once a night."""
    begin = 2 * HOUR + chance.gauss(0, 12 * MINUTE)
    return [begin + chance.random() * 20 * MINUTE for _ in range(200)]


KINDS: Mapping[str, Kind] = {"HIS": his, "CT": ct, "MR": mr, "ER": er, "nightly batch": batch}


@dataclass
class Found:
    """What came of watching one peer, or several of them."""

    weeks: int = 0
    marks: int = 0
    """False ones: the peer went on afterwards."""
    alerts: int = 0
    until_mark: list[float] = field(default_factory=list)
    """Minutes from the end of the peer, at a random time of the week, to the mark."""

    def __add__(self, other: "Found") -> "Found":
        """Return what came of both."""
        minutes = sorted([*self.until_mark, *other.until_mark])
        return Found(self.weeks + other.weeks, self.marks + other.marks, self.alerts + other.alerts, minutes)

    @property
    def median(self) -> float:
        """The median of the minutes until a mark."""
        return self.until_mark[len(self.until_mark) // 2]

    def sentence(self, kind: str) -> str:
        """Return the figures of a kind."""
        late = self.until_mark[len(self.until_mark) * 9 // 10]
        return (
            f"{kind}: {self.weeks} weeks, {self.marks / self.weeks:.2f} marks, {self.alerts / self.weeks:.3f} alerts a "
            f"week; marked after {self.median:.0f} min in the median, after {late:.0f} min in 9 of 10 cases, "
            f"within 60 min in {self.within(60):.0%}"
        )

    def within(self, minutes: float) -> float:
        """Return the share of the ends that are marked within so many *minutes*."""
        return sum(each <= minutes for each in self.until_mark) / len(self.until_mark)


class Peer:
    """One peer of a kind: it is learnt, then judged, and its holidays may stand in the calendar."""

    def __init__(self, kind: str, seed: int, *, has_calendar: bool = True) -> None:
        self._make = KINDS[kind]
        self._random = Random(f"{kind} {seed}")
        self._has_calendar = has_calendar
        days = range((LEARNT + JUDGED) * 7)
        self._holidays = {day for day in days if day % 7 < 5 and self._random.random() < HOLIDAYS / 5}
        away = START + self._random.uniform(1, LEARNT - 1) * WEEK
        self._away = away, away + OUTAGE
        ends = [START + self._random.uniform(LEARNT, LEARNT + JUDGED) * WEEK for _ in range(STOPS)]
        self._ends = sorted(end for end in ends if not self._is_expected(end))
        self._estimate = Estimate(START, START)
        self._found = Found(JUDGED)

    def watch(self) -> Found:
        """Return what comes of watching it."""
        for day in range((LEARNT + JUDGED) * 7):
            minutes: dict[int, int] = {}
            for offset in self._make(self._random, day % 7 >= 5 or day in self._holidays):
                minute = int(offset // MINUTE)
                minutes[minute] = minutes.get(minute, 0) + 1
            for minute, count in sorted(minutes.items()):
                at = START + day * DAY + minute * MINUTE
                if not self._away[0] <= at < self._away[1]:
                    self._hear(at, count)
        return self._found

    def _hear(self, at: float, count: int) -> None:
        while self._ends and self._ends[0] <= at:
            self._found.until_mark.append(self._until_mark(self._ends.pop(0)))
        estimate = self._estimate
        self._advance(estimate, at)
        if estimate.quiet >= 600 and at > START + LEARNT * WEEK:
            state = estimate.judged(hour_of_week)
            self._found.marks += state in ("marked", "silent")
            self._found.alerts += state == "silent"
        estimate.heard(at, count, hour_of_week)

    def _until_mark(self, end: float) -> float:
        estimate = deepcopy(self._estimate)
        at = estimate.at
        while estimate.judged(hour_of_week) in ("usual", "learning"):
            at += 2 * MINUTE
            self._advance(estimate, at)
        return max(at - end, 0.0) / MINUTE

    def _advance(self, estimate: Estimate, until: float) -> None:
        """Advance day by day, because a holiday may begin or end in between."""
        while estimate.at < until:
            end = min((estimate.at // DAY + 1) * DAY, until)
            estimate.advance(end, hour_of_week, is_expected=self._is_expected(estimate.at))

    def _is_expected(self, at: float) -> bool:
        return self._has_calendar and int((at - START) // DAY) in self._holidays


def watch(kind: str, seeds: Iterator[int] | range, *, has_calendar: bool = True) -> Found:
    """Return what comes of watching a peer of a *kind* for each seed."""
    return sum((Peer(kind, seed, has_calendar=has_calendar).watch() for seed in seeds), Found())
