"""Groups of ORC and the pharmacy segments after it, in messages of doses, orders and vaccinations."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from adapters.fhir.reading import Segment

BEGIN = frozenset({"RXO", "RXE", "RXD", "RXG", "RXA"})
"""Segments that begin a group where the message has no ORC."""
GIVEN = frozenset({"RXD", "RXA", "RXG"})
"""Segments with which the order ends, and what became of it begins."""


@dataclass(slots=True)
class Rx:
    """An ORC, and the segments up to the next one."""

    orc: Segment | None
    others: list[Segment] = field(default_factory=list)

    def first(self, name: str) -> Segment | None:
        """Return its first segment with this name."""
        return next((each for each in self.others if each.name == name), None)


def rx_groups(segments: Sequence[Segment]) -> tuple[list[Segment], list[Rx]]:
    """Return the segments before the first group, and the groups."""
    before: list[Segment] = []
    found: list[Rx] = []
    for segment in segments:
        if segment.name == "ORC":
            found.append(Rx(segment))
            continue
        if not found and segment.name in BEGIN:
            found.append(Rx(None))
        (found[-1].others if found else before).append(segment)
    return before, found


def ordered_of(group: Rx) -> list[Segment]:
    """Return the segments about the order: those before what was dispensed or given."""
    return list(takewhile(lambda each: each.name not in GIVEN, group.others))


def parts(segments: Sequence[Segment], name: str) -> Iterator[tuple[Segment, list[Segment]]]:
    """Yield each segment with that name, and the segments up to the next one."""
    found: list[tuple[Segment, list[Segment]]] = []
    for segment in segments:
        if segment.name == name:
            found.append((segment, []))
        elif found:
            found[-1][1].append(segment)
    yield from found
