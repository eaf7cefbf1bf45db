"""Counts the failures of each message that a destination has not taken, as far as time alone does not mend them.

Two counts are kept. One is of replies that are *doubtful*. The other is of equal replies that are the message's *own*
trouble: between each two of them the destination has taken other messages.

They are kept in memory. After a restart the doubtful ones go on from what the spool knows, the number of attempts and
the last reason, unless there were more attempts than doubtful ones can have been; the other count begins anew, which
costs a few tries and parks nothing too early.
"""

from collections.abc import Collection
from dataclasses import dataclass

from gateway.contract.outlook import Outlook

MOST_REMEMBERED = 10_000
"""Failing messages that are told apart; of more than that those that failed first are forgotten."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure of a message, as the spool and the store tell of it."""

    reason: str
    outlook: Outlook
    attempts: int
    """Those before this one."""
    before: str | None
    """The reason of the last of them."""


@dataclass(frozen=True, slots=True)
class Tries:
    """What has been counted of one message, its last failure included."""

    doubtful: int = 0
    own: int = 0


@dataclass(slots=True)
class _Trial:
    doubtful: int
    own: int
    reason: str | None
    successes: int
    """How many there had been at the last failure that counted."""


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
        """Remember nothing of these messages: they are tried no more."""
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
        """Return what is known of a message that has not failed before in this process."""
        is_known = failure.outlook is Outlook.DOUBTFUL and failure.before == failure.reason
        # With as many doubtful replies it would have been parked, so others were among them; nobody knows how many.
        doubtful = failure.attempts if failure.attempts < self._max_unreadable else 1
        return _Trial(doubtful if is_known else 0, 0, None, self._successes)

    def _count_own(self, trial: _Trial, reason: str) -> None:
        if trial.reason != reason:
            trial.own, trial.reason = 1, reason
        elif self._successes > trial.successes:
            trial.own += 1
        trial.successes = self._successes
