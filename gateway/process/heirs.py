"""Who stands in for workers that are missing: the same worker adopts their spools and gets their peers.

A heir is named when a worker has been missing for long enough. It adopts first; its peers come to it when it has. When
the worker is back, its peers stay with the heir until none of the messages that it has adopted waits any more, so that
what they send again is known there.
"""

from collections.abc import Collection, Mapping

from gateway.spool.inheritance import Estate, Numbers


class Heirs:
    """The heir of each worker that has one, both by their numbers."""

    def __init__(self) -> None:
        self._heirs: dict[int, int] = {}

    def review(self, missing: Collection[int], estates: Mapping[int, Estate]) -> Mapping[int, int]:
        """Return to whom the peers of which worker go.

        *missing* are those that have been so for long; *estates* has what each worker that is ready has told.
        """
        self._heirs = {
            number: heir
            for number, heir in self._heirs.items()
            if heir in estates and (number in missing or not _has_left(number, estates[heir]))
        }
        ready = sorted(estates)
        for number in sorted(set(missing) - self._heirs.keys()):
            if ready:
                self._heirs[number] = ready[number % len(ready)]
        return {number: heir for number, heir in self._heirs.items() if number in estates[heir].looked}

    def of(self, heir: int) -> Numbers:
        """Return the workers whose heir is *heir*."""
        return frozenset(number for number, each in self._heirs.items() if each == heir)


def _has_left(number: int, estate: Estate) -> bool:
    """Tell whether a heir has looked for the spools of a worker, and nothing of them waits with it."""
    return number in estate.looked and number not in estate.waiting
