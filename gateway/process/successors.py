"""Names a successor for each missing worker: the successor adopts its spools and gets the connections of its peers.

A worker that has been missing for long enough gets a successor. The successor first adopts the spools; then the peers
are sent to it. When the worker is back, its peers stay with the successor until none of the adopted messages waits any
more, so that the successor recognises messages that the peers send again.
"""

from collections.abc import Collection, Mapping

from gateway.spool.inheritance import Estate, Numbers


class Successors:
    """The successor of each worker that has one, both by their numbers."""

    def __init__(self) -> None:
        self._successors: dict[int, int] = {}

    def review(self, missing: Collection[int], estates: Mapping[int, Estate]) -> Mapping[int, int]:
        """Return which worker gets the peers of which other worker: the successor by the number of the missing one.

        *missing* are the workers that have been missing for long enough; *estates* has the last report of each worker
        that is ready.
        """
        self._successors = {
            number: successor
            for number, successor in self._successors.items()
            if successor in estates and (number in missing or not _has_left(number, estates[successor]))
        }
        ready = sorted(estates)
        for number in sorted(set(missing) - self._successors.keys()):
            if ready:
                self._successors[number] = ready[number % len(ready)]
        return {
            number: successor for number, successor in self._successors.items() if number in estates[successor].looked
        }

    def of(self, successor: int) -> Numbers:
        """Return the workers whose successor is *successor*."""
        return frozenset(number for number, each in self._successors.items() if each == successor)


def _has_left(number: int, estate: Estate) -> bool:
    """Whether the successor has looked for the spools of worker *number*, and none of their messages waits with it."""
    return number in estate.looked and number not in estate.waiting
