"""Judges the silence of one peer: how improbable it is that it has sent nothing for so long.

Theory. The surprise of a gap is the sum over its hours of k * ln(1 + λ/k): -ln of the probability that a negative
binomial with the mean λ is 0. λ is what the peer usually sends in the part of the hour that belongs to the gap. Time
in which nobody watched, and time in which silence is expected, is no part of a gap, and nothing is learnt from it.
Nothing here reads a clock: who calls says up to which time all messages are known.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import log1p
from typing import Literal

from gateway.silence.rates import HOURS, Rates
from gateway.silence.thresholds import Surprises

HourOfWeek = Callable[[float], int]
"""Returns the hour of the week, in local time, of a time in seconds since the epoch."""
Judgement = Literal["usual", "learning", "marked", "silent"]
HOUR, WEEK = 3600.0, 7 * 86400.0
WHOLE_HOUR = 3300.0
"""An hour that was watched for so long counts as a whole one."""
FIRST_HOURS = HOURS
"""Surprises count when so many hours have been learnt: before, there is nothing to be surprised at."""
LEAST_GAP = 600.0
"""Seconds: no shorter gap is ever a silence."""
NOTED_GAP = 60.0
"""Seconds: the surprise of a shorter gap is not learnt."""


@dataclass(slots=True)
class Estimate:
    """What is known of one peer."""

    at: float
    """Up to which time all its messages are known."""
    last: float
    """When its last message came."""
    rates: Rates = field(default_factory=Rates)
    surprises: Surprises = field(default_factory=Surprises)
    count: int = 0
    """Messages in the current hour."""
    watched: float = 0.0
    """Seconds of the current hour that were watched."""
    quiet: float = 0.0
    """Seconds of the current gap that were watched."""
    exposed: float = 0.0
    """Those of them that are in the current hour."""
    before: float = 0.0
    """The surprise of the hours of the gap before the current one."""
    is_told: bool = False
    """Whether an event has told of the current silence."""

    def advance(self, until: float, hour_of_week: HourOfWeek, *, is_expected: bool = False) -> None:
        """Note that no message came up to *until* but those that were told; its silence may have been expected."""
        while self.at < until:
            end = (self.at // HOUR + 1) * HOUR
            passed = min(end, until) - self.at
            if not is_expected:
                self.watched += passed
                self.exposed += passed
                self.quiet += passed
            if end <= until:
                self._end_hour(hour_of_week(self.at), is_whole=self.watched >= WHOLE_HOUR)
                self._turn_week(end)
            self.at += passed

    def skip(self, until: float, hour_of_week: HourOfWeek) -> None:
        """Note that nobody watched up to *until*, or that the clock was set back to it."""
        if until // HOUR != self.at // HOUR:
            self._end_hour(hour_of_week(self.at), is_whole=False)
            self._turn_week(until)
        self.at = until

    def heard(self, at: float, count: int, hour_of_week: HourOfWeek) -> None:
        """Note that *count* messages came, the last one *at*; the caller has advanced to that time, or beyond it."""
        if self.quiet >= NOTED_GAP and self.rates.hours >= FIRST_HOURS:
            self.surprises.add(self.surprise(hour_of_week))
        self.count += count
        self.last = max(self.last, at)
        self.quiet = self.exposed = self.before = 0.0

    def surprise(self, hour_of_week: HourOfWeek) -> float:
        """Return how improbable the current gap is, as -ln of its probability."""
        return self.before + self._of_this_hour(hour_of_week(self.at))

    def judged(self, hour_of_week: HourOfWeek) -> Judgement:
        """Return what to think of the current gap."""
        if not self.rates.is_learnt:
            return "learning"
        if self.quiet < LEAST_GAP or (surprise := self.surprise(hour_of_week)) < self.surprises.mark:
            return "usual"
        return "marked" if surprise < self.surprises.alert else "silent"

    def _of_this_hour(self, hour: int) -> float:
        k = self.rates.k
        return k * log1p(self.rates.of(hour) * self.exposed / HOUR / k)

    def _end_hour(self, hour: int, *, is_whole: bool) -> None:
        self.before += self._of_this_hour(hour)
        if is_whole:
            self.rates.add(hour, self.count)
        self.count, self.watched, self.exposed = 0, 0.0, 0.0

    def _turn_week(self, now: float) -> None:
        if now // WEEK != self.at // WEEK:
            self.surprises.begin_week()
