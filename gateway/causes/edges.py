"""When cases begin and end: one event each, however often the status is asked for."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gateway.contract.observed import Case


class Turns(NamedTuple):
    """What has changed since the last look."""

    began: list[Case]
    ended: list[Case]


class Edges:
    """Remembers the cases of the last look."""

    def __init__(self) -> None:
        self._lasting: dict[str, Case] = {}

    def look(self, cases: Iterable[Case]) -> Turns:
        """Return which cases have begun, and which have ended."""
        before, self._lasting = self._lasting, {each["id"]: each for each in cases}
        began = [each for name, each in self._lasting.items() if name not in before]
        return Turns(began, [each for name, each in before.items() if name not in self._lasting])


class Beginnings:
    """Remembers since when each case lasts: not everything that is observed says when it began."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def keep(self, cases: Sequence[Case]) -> None:
        """Set ``since`` of each case to the earliest that was seen while it lasted."""
        self._since = {each["id"]: min(each["since"], self._since.get(each["id"], each["since"])) for each in cases}
        for each in cases:
            each["since"] = self._since[each["id"]]
