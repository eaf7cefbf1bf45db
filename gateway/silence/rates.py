"""How many messages a peer usually sends in each hour of the week, and how unevenly it sends them.

Theory. The rate of an hour of the week is a mean over the weeks, in which the weight of a week falls by DECAY with each
week since. A few weeks say little of a single hour, so its rate is drawn to the mean of the same hour on all working
days, or on both days of the weekend, and then smoothed: a rush hour does not begin at the same minute each day. The
number of messages in an hour is taken as a negative binomial: with the mean λ its variance is λ + λ²/k. A small k means
that the messages come in bursts; k is estimated by moments, from how far the hours were from their rates.
"""

from collections.abc import Sequence

HOURS = 168
"""Hours of a week, counted from Monday 0:00 in local time."""
LEARNING_HOURS = 3 * HOURS
"""A peer is judged when so many hours have been learnt."""
DECAY = 0.93
"""What the weight of an hour is multiplied by with each week."""
HOURLY_DECAY = DECAY ** (1 / HOURS)
PULL = 2.0
"""How many weeks' weight the mean of the same hour of other days has."""
LEAST_K, MOST_K, FIRST_K = 0.1, 50.0, 1.0
WEIGHTS = [(1 - DECAY**weeks) / (1 - DECAY) for weeks in range(256)]
"""The sum of the weights of so many weeks."""
WORKING = [tuple(range(hour, 5 * 24, 24)) for hour in range(24)]
"""By hour of the day, that hour of all working days."""
WEEKEND = [(5 * 24 + hour, 6 * 24 + hour) for hour in range(24)]


class Rates:
    """The rates of one peer. A caller adds each whole hour of which it has seen all messages."""

    def __init__(
        self,
        means: Sequence[float] = (0.0,) * HOURS,
        weeks: Sequence[int] = (0,) * HOURS,
        squares: float = 0.0,
        excess: float = 0.0,
    ) -> None:
        self.means = list(means)
        """By hour of the week, the decayed mean of its messages."""
        self.weeks = list(weeks)
        """By hour of the week, in how many weeks it was seen, up to 255."""
        self.squares = squares
        """The decayed sum of λ² of all hours seen."""
        self.excess = excess
        """The decayed sum of (messages - λ)² - λ."""
        self.hours = sum(weeks)
        """How many hours were learnt, over all weeks."""
        self._shrunk = [0.0] * HOURS
        for hour in range(24):
            self._shrink(hour)
            self._shrink(5 * 24 + hour)

    def add(self, hour: int, count: int) -> None:
        """Learn that *count* messages came in one *hour* of the week."""
        weeks = self.weeks[hour]
        if weeks:
            usual = self.of(hour)
            self.squares = self.squares * HOURLY_DECAY + usual * usual
            self.excess = self.excess * HOURLY_DECAY + (count - usual) ** 2 - usual
        weeks = self.weeks[hour] = min(weeks + 1, len(WEIGHTS) - 1)
        self.means[hour] += (count - self.means[hour]) / WEIGHTS[weeks]
        self.hours += 1
        self._shrink(hour)

    def of(self, hour: int) -> float:
        """Return how many messages are usual in an *hour* of the week."""
        rates = self._shrunk
        return (rates[hour - 1] + 2 * rates[hour] + rates[(hour + 1) % HOURS]) / 4

    @property
    def is_learnt(self) -> bool:
        """Whether enough hours were learnt to judge by them."""
        return self.hours >= LEARNING_HOURS

    @property
    def k(self) -> float:
        """How evenly the messages come: the larger, the more evenly."""
        if not self.squares:
            return FIRST_K
        return min(max(self.squares / max(self.excess, self.squares / MOST_K), LEAST_K), MOST_K)

    def _shrink(self, hour: int) -> None:
        """Draw the rate of an hour, and of the same hour of the other days of its kind, to their mean."""
        places = WORKING[hour % 24] if hour < 5 * 24 else WEEKEND[hour % 24]
        weights = [WEIGHTS[self.weeks[place]] for place in places]
        total = sum(weights)
        if total:
            mean = sum(weight * self.means[place] for weight, place in zip(weights, places, strict=True)) / total
            for weight, place in zip(weights, places, strict=True):
                self._shrunk[place] = (weight * self.means[place] + PULL * mean) / (weight + PULL)
