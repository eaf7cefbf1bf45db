"""Which segments a message may have in which order: its abstract message syntax as an automaton.

A structure is a sequence of segments and groups, each with how often it may stand there. It becomes a graph whose
edges are segments; whatever may be left out, or begins again, is an edge that needs none. A message is well-formed
where a way through the graph reads its segments. Where there is no such way, either a segment is missing or one does
not belong there: it is missing if the way goes on behind it and the message does not have it later.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

Definition = Any
"""As hl7apy has it: ``(kind, children)``, a child being ``(name, definition, (least, most), "SEG" or "GRP")``."""
ANY_SEGMENT = "ANYHL7SEGMENT"
"""What stands in a structure of which the standard leaves a part open."""


@dataclass(slots=True)
class _Node:
    step: "tuple[str, Definition, int] | None" = None
    """The segment that leads on, its definition, and the node behind it."""
    free: list[int] = field(default_factory=list)
    """Nodes that are reached without a segment, going forward."""
    back: list[int] = field(default_factory=list)
    """Where what stood here may stand once more."""


@dataclass(frozen=True, slots=True)
class Read:
    """What became of one segment of a message, or of its end (None)."""

    index: int | None
    missing: tuple[str, ...] = ()
    """Required segments that should have stood before it."""
    definition: Definition = None
    """Of the segment at this place; None where it does not belong there."""


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
        """Add the children of *definition* behind the node *start*; return the node behind them."""
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
        """Return *nodes* and those that need no further segment, in the order of the structure."""
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
        """Return the fewest required segments without which *name* may stand here, and the step it then is."""
        for node, missing in self._skips(active, later):
            step = self._nodes[node].step
            if step is not None and step[0] == name:
                return missing, [step]
        return (), []

    def _missing_at_the_end(self, active: Iterable[int]) -> tuple[str, ...]:
        return next((missing for node, missing in self._skips(active, ()) if node == self._end), ())

    def _skips(self, active: Iterable[int], later: Collection[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield nodes ahead and what is missing on the way there, those for which least is missing first."""
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
    """Which segments a message still has, while it is read."""

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
