"""The report of an import: a line for each part that is not stored, as it happens, and the counts at the end.

It names objects, which may name patients: it goes to the standard output of who has asked for it, and nowhere else.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gateway.cli.deidentifying.bar import Bar
from gateway.cli.importing.ledger import Entry, State
from gateway.telemetry.terminal import visible

TOLD = frozenset({"refused", "failed", "skipped"})
"""What is told of each part; what is stored is only counted."""


class ImportBar(Bar):
    """How many messages are done, with their octets."""

    octets = failed = messages = 0

    def text(self, seconds: float) -> str:
        """Return the line after so many seconds."""
        rate = self.messages / seconds if seconds >= 1 else 0.0
        failed = f", {self.failed} not stored" if self.failed else ""
        return f"{self.messages} stored, {self.octets / 1e6:.1f} MB read, {rate:.0f}/s{failed}"


class Report:
    """What became of the objects of one run."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._bar = ImportBar(0, 0)
        self.objects: Counter[State] = Counter()
        """Objects of this run by what became of them."""
        self.done_before = 0
        """Objects that an earlier run was done with."""
        self.stored = 0
        """Messages that this run has stored."""
        self.octets = 0
        self.first_reason = ""
        """Why the first part that is not stored is not."""

    @property
    def is_good(self) -> bool:
        """Whether everything is stored, or need not be."""
        return not (self.objects["refused"] or self.objects["failed"] or self.first_reason)

    @property
    def is_empty(self) -> bool:
        """Whether there was no object at all."""
        return not (self.objects.total() or self.done_before)

    def add(self, uri: str, part: str, state: State, reason: str) -> None:
        """Take note of a part."""
        self.stored += state == "stored"
        self._bar.messages = self.stored
        if state in TOLD:
            self._tell(uri, part, state, reason)
        self._bar.draw()

    def object(self, entry: Entry) -> None:
        """Take note of an object that is done with."""
        self.objects[entry.state] += 1
        self.octets += entry.size
        self._bar.octets = self.octets

    def before(self, uri: str, entry: Entry, refused: Iterable[tuple[str, str]]) -> None:
        """Take note of an object that an earlier run was done with; what it was refused for is told again."""
        self.done_before += 1
        if entry.state == "refused":
            for name, reason in [*refused] or [("", entry.reason)]:
                self._tell(uri, name, "refused", reason)

    def _tell(self, uri: str, part: str, state: State, reason: str) -> None:
        if state != "skipped":
            self.first_reason = self.first_reason or reason
            self._bar.failed += 1
        self._bar.erase()
        where = f"{uri} {part}" if part else uri
        told = {"uri": uri, "part": part, "state": state, "reason": reason}
        text = f"{state:<8} {where}: {reason}"
        print(json.dumps(told) if self._as_json else visible(text), flush=True)  # noqa: T201  it is the result

    def waiting(self, why: str, seconds: float) -> None:
        """Say that nothing succeeds now, and how long it is tried again before the command stops."""
        self._bar.erase()
        print(f"waiting: {visible(why)}; tries again for up to {seconds:.0f} s", file=sys.stderr, flush=True)  # noqa: T201

    def end(self, stopped: str) -> None:
        """Print the counts, and why the run has stopped before its end."""
        self._bar.erase()
        if self._as_json:
            print(json.dumps(self.as_json(stopped)))  # noqa: T201  it is the command's result
            return
        for line in self.lines(stopped):
            print(line, file=sys.stdout)  # noqa: T201  likewise

    def as_json(self, stopped: str) -> Mapping[str, Any]:
        """Return the counts for programs."""
        return {
            "objects": dict(self.objects),
            "done_before": self.done_before,
            "messages_stored": self.stored,
            "octets": self.octets,
            "first_reason": self.first_reason,
            "stopped": stopped,
        }

    def lines(self, stopped: str) -> Iterator[str]:
        """Yield the counts for people."""
        counts = ", ".join(f"{number} {state}" for state, number in sorted(self.objects.items())) or "none"
        yield f"objects: {counts}"
        if self.done_before:
            yield f"objects that an earlier run was done with: {self.done_before}"
        yield f"messages stored: {self.stored}; octets of the objects: {self.octets}"
        if stopped:
            yield f"stopped: {stopped}; run the same command again to import the rest"
