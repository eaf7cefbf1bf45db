"""Contenders measured in turn, and what their numbers are worth: medians of rounds, ratios within a round."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

HILUM = "Hilum"


class BenchError(Exception):
    """A measurement did not do its work, so that its number would mean nothing."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement: its value in the unit of its case, and what else was seen."""

    value: float
    more: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Spread:
    """What several rounds gave."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Return the spread of at least one value."""
        return cls(median(values), min(values), max(values))


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound for a median: of the ratio to the contender *of*, of ``value``, or of a key of ``Sample.more``."""

    of: str
    at_least: float | None = None
    at_most: float | None = None

    def met(self, value: float) -> bool:
        """Tell whether *value* is within the bound."""
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)

    def __str__(self) -> str:
        return f"{'≤' if self.at_least is None else '≥'} {self.at_least or self.at_most:.3g}"


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that several contenders do; *subject* is the one that is compared with each of the others."""

    row: int
    name: str
    unit: str
    contenders: Mapping[str, Callable[[], Sample]]
    goals: Sequence[Goal] = ()
    subject: str = HILUM
    charted: bool = False
    skipped: Mapping[str, str] = field(default_factory=dict)
    """Contenders that are not there, and why."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A case and the samples of each contender, one per round."""

    case: Case
    samples: Mapping[str, Sequence[Sample]]

    def value(self, name: str) -> Spread:
        """Return the spread of what the contender *name* reached."""
        return Spread.of([each.value for each in self.samples[name]])

    def ratio(self, name: str) -> Spread:
        """Return the subject's value divided by that of *name*, paired by round: both saw the same noise."""
        pairs = zip(self.samples[self.case.subject], self.samples[name], strict=True)
        return Spread.of([ours.value / theirs.value for ours, theirs in pairs])

    def more(self, name: str) -> dict[str, Spread]:
        """Return the spreads of what else was seen of the contender *name*."""
        samples = self.samples[name]
        return {key: Spread.of([each.more[key] for each in samples]) for key in samples[0].more}

    def verdicts(self) -> list[tuple[Goal, float, bool]]:
        """Return each goal whose quantity was measured, the median reached, and whether that is enough."""
        known = {"value": self.value(self.case.subject), **self.more(self.case.subject)}
        known |= {name: self.ratio(name) for name in self.samples if name != self.case.subject}
        return [
            (goal, known[goal.of].median, goal.met(known[goal.of].median))
            for goal in self.case.goals
            if goal.of in known
        ]


def interleave(case: Case, rounds: int) -> Measured:
    """Measure every contender once per round, in turn: A B C A B C."""
    samples: dict[str, list[Sample]] = {name: [] for name in case.contenders}
    for _ in range(rounds):
        for name, measure in case.contenders.items():
            samples[name].append(measure())
    return Measured(case, samples)
