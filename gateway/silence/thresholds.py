"""From the largest surprises of a peer to the surprise that is exceeded once in so many weeks.

Theory. A surprise is -ln of the probability of a gap, so its tail is exponential; were the model of the peer perfect,
its scale would be 1. No model is, so the scale is taken from the peer: between the i-th and the next largest of many
exponential values the distance is on average scale / i. With m values above the smallest one that is used, in W weeks,
one in n weeks is above it by scale * ln(n * m / W). The largest of all is left out: it may have been an outage.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import log

WEEKS = 8
"""How many weeks are looked back."""
KEPT = 4
"""How many surprises are kept of each week: its largest."""
USED = 2
"""How many a week are used on average."""
LEAST = 7.0
"""No threshold is below it: a probability of one in 1,100."""
PRIOR = 3.0
"""How many distances the scale of a perfect model, which is 1, counts as."""
MARK_WEEKS, ALERT_WEEKS = 13.0, 52.0
"""A mark, and an alert, are wrong once in so many weeks."""


class Surprises:
    """The largest surprises of one peer in the last weeks, and the two thresholds that follow from them."""

    def __init__(self, weeks: Sequence[Sequence[float]] = ()) -> None:
        self.weeks = [list(week) for week in weeks][-WEEKS:]
        """From the oldest to the current one; the largest first."""
        self._levels: tuple[float, float] | None = None

    def begin_week(self) -> None:
        """Begin another week, and forget the oldest."""
        self.weeks = [*self.weeks, []][-WEEKS:]
        self._levels = None

    def add(self, surprise: float) -> None:
        """Learn the surprise of a gap that has ended; one far above the threshold counts as twice the threshold."""
        if not self.weeks:
            return
        week = self.weeks[-1]
        if len(week) == KEPT and surprise <= week[-1]:
            return
        if len(self.weeks) > 1:
            surprise = min(surprise, 2 * self.alert)
        self.weeks[-1] = sorted([*week, surprise], reverse=True)[:KEPT]
        self._levels = None

    @property
    def mark(self) -> float:
        """The surprise that is exceeded once in 13 weeks."""
        return self._both()[0]

    @property
    def alert(self) -> float:
        """The surprise that is exceeded once in 52 weeks."""
        return self._both()[1]

    def _both(self) -> tuple[float, float]:
        if self._levels is None:
            self._levels = _levels(self.weeks)
        return self._levels


def _levels(weeks: list[list[float]]) -> tuple[float, float]:
    largest = sorted((surprise for week in weeks for surprise in week), reverse=True)[: max(USED * len(weeks), 3)]
    if len(largest) < 3:
        return LEAST + log(MARK_WEEKS), LEAST + log(ALERT_WEEKS)
    distances = [rank * (one - other) for rank, (one, other) in enumerate(pairwise(largest[1:]), 2)]
    scale = (PRIOR + sum(distances)) / (PRIOR + len(distances))
    often = len(largest) / len(weeks)
    mark, alert = (largest[-1] + scale * log(weeks_each * often) for weeks_each in (MARK_WEEKS, ALERT_WEEKS))
    return max(mark, LEAST), max(alert, LEAST)
