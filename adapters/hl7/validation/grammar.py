"""The abstract message syntax of a message, the segments that it may have and their order, as an automaton.

A structure is a sequence of segments and groups with their cardinalities. It becomes a graph whose edges are segments;
an optional or repeated part adds an edge without a segment. A message is well-formed if a path through the graph reads
its segments. If there is no such path, either a segment is missing or one is not allowed at its position: a segment is
missing if the path continues after it and the message does not have that segment later.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

Definition = Any
"""hl7apy's form: ``(kind, children)``, where a child is ``(name, definition, (least, most), "SEG" or "GRP")``."""
ANY_SEGMENT = "ANYHL7SEGMENT"
"""The name for any segment in a structure that the standard leaves partly open."""


@dataclass(slots=True)
class _Node:
    step: "tuple[str, Definition, int] | None" = None
    """The segment of the outgoing edge, its definition, and the next node."""
    free: list[int] = field(default_factory=list)
    """Later nodes that are reached without a segment."""
    back: list[int] = field(default_factory=list)
    """Earlier nodes, at which a part may be repeated."""


@dataclass(frozen=True, slots=True)
class Read:
    """The result for one segment of a message, or for its end (*index* None)."""

    index: int | None
    missing: tuple[str, ...] = ()
    """Required segments that are missing before it."""
    definition: Definition = None
    """The definition of the segment at this position; None if it is not allowed there."""


class Grammar:
    """The structure of one kind of message."""

    def __init__(self, structure: Definition) -> None:
        self._nodes = [_Node()]
        self._end = self._build(structure, 0)

    def read(self, names: list[str]) -> Iterator[Read]:
        """Follow the segments *names*; yield one item for each, and one for the end."""
        active = self._reachable([0])
        later = _Later(names)
        for index, name in enumerate(names):
            later.pass_by(name)
            missing: tuple[str, ...] = ()
            taken = self._steps(active, name)
            if not taken:
                missing, taken = self._skip_to(active, name, later.names)
            yield Read(index, missing, taken[0][1] if taken else None)
            if taken:
                active = self._reachable(step[2] for step in taken)
        yield Read(None, self._missing_at_the_end(active))

    def _new(self) -> int:
        self._nodes.append(_Node())
        return len(self._nodes) - 1

    def _build(self, definition: Definition, start: int) -> int:
        """Add the children of *definition* after the node *start*; return the node after them."""
        if definition[0] != "choice":
            for child in definition[1]:
                start = self._build_child(child, start)
            return start
        end = self._new()
        for child in definition[1]:
            self._nodes[self._build_child(child, start)].free.append(end)
        return end

    def _build_child(self, child: Any, start: int) -> int:
        name, definition, (least, most), kind = child
        if most == 0:  # a profile excludes it
            return start
        entry = self._new()
        self._nodes[start].free.append(entry)
        if kind == "SEG":
            end = self._new()
            self._nodes[entry].step = name, definition, end
        else:
            end = self._build(definition, entry)
        if least == 0:
            self._nodes[entry].free.append(end)
        if most != 1:
            self._nodes[end].back.append(entry)
        return end

    def _reachable(self, nodes: Iterable[int]) -> dict[int, None]:
        """Return *nodes* and all nodes that they reach without a segment, in the order of the structure."""
        found = dict.fromkeys(nodes)
        waiting = deque(found)
        while waiting:
            node = self._nodes[waiting.popleft()]
            for following in (*node.free, *node.back):
                if following not in found:
                    found[following] = None
                    waiting.append(following)
        return found

    def _steps(self, nodes: Iterable[int], name: str) -> list[tuple[str, Definition, int]]:
        steps = [step for node in nodes if (step := self._nodes[node].step) is not None]
        return [step for step in steps if step[0] == name] or [step for step in steps if step[0] == ANY_SEGMENT]

    def _skip_to(
        self, active: Iterable[int], name: str, later: Collection[str]
    ) -> tuple[tuple[str, ...], list[tuple[str, Definition, int]]]:
        """Return the fewest missing segments that make *name* possible here, and the step of *name* then."""
        for node, missing in self._skips(active, later):
            step = self._nodes[node].step
            if step is not None and step[0] == name:
                return missing, [step]
        return (), []

    def _missing_at_the_end(self, active: Iterable[int]) -> tuple[str, ...]:
        return next((missing for node, missing in self._skips(active, ()) if node == self._end), ())

    def _skips(self, active: Iterable[int], later: Collection[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield later nodes, each with the segments missing on the path to it; the fewest missing come first."""
        waiting: deque[tuple[int, tuple[str, ...]]] = deque((node, ()) for node in active)
        seen = set()
        while waiting:
            node, missing = waiting.popleft()
            if node in seen:
                continue
            seen.add(node)
            yield node, missing
            waiting.extendleft((following, missing) for following in reversed(self._nodes[node].free))
            step = self._nodes[node].step
            if step is not None and step[0] not in later:
                waiting.append((step[2], (*missing, step[0])))


class _Later:
    """The names of the segments that are still to be read."""

    def __init__(self, names: list[str]) -> None:
        self._left: dict[str, int] = {}
        for name in names:
            self._left[name] = self._left.get(name, 0) + 1

    @property
    def names(self) -> Collection[str]:
        return self._left.keys()

    def pass_by(self, name: str) -> None:
        self._left[name] -= 1
        if not self._left[name]:
            del self._left[name]
