"""Parts of a bundle that is too large for a store: what is referred to goes before what refers to it, or with it.

A part is all or nothing; the bundle is not any more. It can be sent again from the beginning, because each part finds
what the parts before it have written.
"""

from collections.abc import Iterator, Sequence, Set

from adapters.rest.verdict.diagnoses import refused_message
from gateway.contract.outcome import Refused

OVERHEAD = 100
"""Octets of a bundle around its entries."""
TOO_LARGE = "entries that refer to each other are more than the store takes at once (max_entries, max_bytes)"


def parts(
    keys: Sequence[str], needs: Sequence[Set[str]], sizes: Sequence[int], most: int, octets: int
) -> list[list[int]] | Refused:
    """Return the positions of the entries of each part.

    *keys* are what others refer to an entry by, *needs* what it refers to, *sizes* its octets. A part has at most
    *most* entries and *octets*.
    """
    made: list[list[int]] = []
    filled = octets
    for group in _groups(keys, needs):
        size = sum(sizes[each] + 1 for each in group)
        if len(group) > most or size + OVERHEAD > octets:
            return Refused(TOO_LARGE, diagnosis=refused_message(code="204"))
        if not made or len(made[-1]) + len(group) > most or filled + size > octets:
            made.append([])
            filled = OVERHEAD
        made[-1] += group
        filled += size
    return [sorted(each) for each in made]


def _groups(keys: Sequence[str], needs: Sequence[Set[str]]) -> list[list[int]]:
    """Return the entries in an order in which those referred to come first; those in a circle are together."""
    places = {key: place for place, key in enumerate(keys) if key}
    circles = _Circles([sorted(places[key] for key in each if key in places) for each in needs])
    return circles.found


class _Circles:
    """The strongly connected components (Tarjan 1972), without recursion: a chain of references may be long."""

    def __init__(self, edges: Sequence[Sequence[int]]) -> None:
        self.found: list[list[int]] = []
        self._edges = edges
        self._number: dict[int, int] = {}
        self._lowest: dict[int, int] = {}
        self._open: dict[int, None] = {}
        for start in range(len(edges)):
            if start not in self._number:
                self._walk(start)

    def _walk(self, start: int) -> None:
        way = [self._enter(start)]
        while way:
            here, rest = way[-1]
            there = next(rest, None)
            if there is None:
                way.pop()
                self._leave(here, way[-1][0] if way else None)
            elif there not in self._number:
                way.append(self._enter(there))
            elif there in self._open:
                self._lowest[here] = min(self._lowest[here], self._number[there])

    def _enter(self, here: int) -> tuple[int, Iterator[int]]:
        self._number[here] = self._lowest[here] = len(self._number)
        self._open[here] = None
        return here, iter(self._edges[here])

    def _leave(self, here: int, before: int | None) -> None:
        if before is not None:
            self._lowest[before] = min(self._lowest[before], self._lowest[here])
        if self._lowest[here] == self._number[here]:
            group: list[int] = []
            while not group or group[-1] != here:
                group.append(self._open.popitem()[0])
            self.found.append(group)
