"""Which records may be sent at the same time.

Records of one patient are sent one after the other. A record that is about no patient (an Organization, a Practitioner)
may be what all later ones refer to: a run of such records of one type is sent side by side, and everything behind it
waits for its end. No order is kept between different patients.

Where a record could not be stored for now, those behind it of the same patient are *held*: they are given back unsent.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
"""The type of the records."""


class Settle(Protocol[T]):
    """Called when a record is done with."""

    def __call__(self, *, stored: bool = True) -> list[T]:
        """Let the next record of the patient begin; if this one is not *stored*, return those that are held now."""


@dataclass(slots=True)
class Stage(Generic[T]):
    """Records that wait for no other records but those of their own key."""

    name: str
    """Empty for records of patients; else the type of the records."""
    ready: deque[tuple[str, T]] = field(default_factory=deque)
    behind: dict[str, deque[T]] = field(default_factory=dict)
    """By key, the records that wait for one that is in progress or ready."""
    left: int = 0


class Order(Generic[T]):
    """Gives records back in an order that is allowed."""

    def __init__(self) -> None:
        self._stages: deque[Stage[T]] = deque()
        self._keys: Iterator[int] = iter(range(2**62))
        self._held: set[str] = set()

    def __len__(self) -> int:
        """Return how many records are not done with."""
        return sum(each.left for each in self._stages)

    def put(self, record: T, patient: str | None, kind: str) -> bool:
        """Add a record, about a *patient* or of a *kind*; return whether it may be sent at all."""
        if patient in self._held:
            return False
        name = "" if patient is not None else kind
        if not self._stages or self._stages[-1].name != name:
            self._stages.append(Stage(name))
        stage, key = self._stages[-1], patient if patient is not None else str(next(self._keys))
        stage.left += 1
        if key in stage.behind:
            stage.behind[key].append(record)
        else:
            stage.behind[key] = deque()
            stage.ready.append((key, record))
        return True

    def take(self) -> tuple[T, Settle[T]] | None:
        """Return a record that may be sent now, and what to call when it is done with; None if all have to wait."""
        if not self._stages or not self._stages[0].ready:
            return None
        stage = self._stages[0]
        key, record = stage.ready.popleft()
        return record, lambda *, stored=True: self._settle(stage, key, stored=stored)

    def _settle(self, stage: Stage[T], key: str, *, stored: bool) -> list[T]:
        behind, held = stage.behind[key], list[T]()
        if not stored and not stage.name:
            self._held.add(key)
            held = self._give_back(key)
        stage.left -= 1
        if behind:
            stage.ready.appendleft((key, behind.popleft()))  # as near to the order of the files as possible
        else:
            del stage.behind[key]
        while self._stages and not self._stages[0].left:
            self._stages.popleft()
        return held

    def _give_back(self, key: str) -> list[T]:
        """Take out all records of a patient that wait, in whatever stage."""
        found: list[T] = []
        for stage in self._stages:
            waiting = [] if stage.name else [record for other, record in stage.ready if other == key]
            if waiting:  # in a later stage
                stage.ready = deque(each for each in stage.ready if each[0] != key)
            behind = deque[T]() if stage.name else stage.behind.get(key, deque())
            found += [*waiting, *behind]
            stage.left -= len(waiting) + len(behind)
            behind.clear()
            if waiting:
                del stage.behind[key]
        return found
