"""Counts, for each failing message, the failures that waiting alone will not cure.

There are two counts. One counts *doubtful* replies. The other counts the message's *own* failures: equal replies,
between each two of which the destination has taken other messages.

Both are kept in memory. After a restart, the doubtful count continues from the spool's number of attempts and last
reason, unless there were more attempts than there can have been doubtful replies. The other count starts again at 0:
that costs a few tries, and no message is parked too early.
"""

from collections.abc import Collection
from dataclasses import dataclass

from gateway.contract.outlook import Outlook

MOST_REMEMBERED = 10_000
"""Most failing messages to remember; when there are more, those that failed least recently are forgotten."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure of a message, with what the spool knows of earlier ones."""

    reason: str
    outlook: Outlook
    attempts: int
    """Attempts before this one."""
    before: str | None
    """The reason of the last failure before this one."""


@dataclass(frozen=True, slots=True)
class Tries:
    """The counts of one message, its last failure included."""

    doubtful: int = 0
    own: int = 0


@dataclass(slots=True)
class _Trial:
    doubtful: int
    own: int
    reason: str | None
    successes: int
    """``Trials._successes`` at the last temporary failure, or at the first failure of any kind."""


class Trials:
    """The failing messages of one destination."""

    def __init__(self, max_unreadable: int = 5) -> None:
        self._max_unreadable = max_unreadable
        self._successes = 0
        self._failing: dict[str, _Trial] = {}

    def stored(self, names: Collection[str]) -> None:
        """Count that the destination has taken the messages of these *names*."""
        self._successes += bool(names)
        self.forget(names)

    def forget(self, names: Collection[str]) -> None:
        """Forget these messages: they are not tried again."""
        for name in names:
            self._failing.pop(name, None)

    def failed(self, name: str, failure: Failure) -> Tries:
        """Count a failure of the message of this *name*."""
        trial = self._failing.pop(name, None) or self._first(failure)
        if failure.outlook is Outlook.DOUBTFUL:
            trial.doubtful += 1
        if failure.outlook is Outlook.TEMPORARY:
            self._count_own(trial, failure.reason)
        self._failing[name] = trial
        while len(self._failing) > MOST_REMEMBERED:
            del self._failing[next(iter(self._failing))]
        return Tries(trial.doubtful, trial.own)

    def _first(self, failure: Failure) -> _Trial:
        """Return the counts of a message that has not failed before in this process."""
        is_known = failure.outlook is Outlook.DOUBTFUL and failure.before == failure.reason
        # After max_unreadable doubtful replies it would be parked, so some of the attempts failed otherwise; count 1.
        doubtful = failure.attempts if failure.attempts < self._max_unreadable else 1
        return _Trial(doubtful if is_known else 0, 0, None, self._successes)

    def _count_own(self, trial: _Trial, reason: str) -> None:
        if trial.reason != reason:
            trial.own, trial.reason = 1, reason
        elif self._successes > trial.successes:
            trial.own += 1
        trial.successes = self._successes
