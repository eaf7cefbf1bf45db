"""What became of a part, from its outcome; and of an object, from those of its parts."""

from collections import Counter
from dataclasses import dataclass

from gateway.cli.importing.ledger import Entry, State
from gateway.contract.objects import Found
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable

DUPLICATE = "0111"
"""The store holds another instance with this SOP Instance UID (PS3.7 C.5.5, PS3.18 I.2.2)."""
WORST_FIRST: tuple[State, ...] = ("failed", "refused", "stored", "skipped")
SEVERAL = "{} of its {} messages: the first: {}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one message."""

    state: State
    reason: str = ""


def verdict_of(outcome: Outcome, *, skips_conflicts: bool) -> Verdict:
    """Return what an outcome means."""
    match outcome:
        case Stored():
            return Verdict("stored")
        case Refused(code=code) if code == DUPLICATE and skips_conflicts:
            return Verdict("skipped", outcome.reason)
        case Refused():
            return Verdict("refused", outcome.reason)
        case Unavailable():
            return Verdict("failed", outcome.reason)


class Tally:
    """The verdicts on the parts of one object: their numbers, and the first reason of each state."""

    def __init__(self) -> None:
        self._counts: Counter[State] = Counter()
        self._reasons: dict[State, str] = {}

    def add(self, verdict: Verdict, number: int = 1) -> None:
        """Count *number* parts."""
        self._counts[verdict.state] += number
        self._reasons.setdefault(verdict.state, verdict.reason)

    def entry(self, found: Found, digest: str) -> Entry:
        """Return what became of the object: the worst of its parts, with the number of these and the first reason."""
        worst = next(each for each in WORST_FIRST if self._counts[each] or each == "skipped")
        reason = self._reasons.get(worst, "")
        if reason and self._counts.total() > 1:
            reason = SEVERAL.format(self._counts[worst], self._counts.total(), reason)
        return Entry(found.version, found.size, digest, worst, reason, self._counts["stored"])
