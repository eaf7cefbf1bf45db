"""The output of the sending commands: a line for each answer, the progress, and a summary.

The lines are the result, on standard output. Progress and summary are for people, on standard error; progress is shown
only if standard error is a terminal.
"""

import sys
import time
from collections import Counter
from collections.abc import AsyncIterable

from gateway.contract.sending import NO_ANSWER, Answered, Progress
from gateway.telemetry.terminal import visible

CONTROL_ID, SOP_INSTANCE_UID = 20, 64
"""Width of the column of identifiers: their greatest length in HL7 (MSH-10, ST of 20) and DICOM (PS3.5 9.1)."""
ERASE = "\r\x1b[K"
SECONDS = 0.1
"""Shortest time between two updates of the progress."""
NOTHING = "nothing to send: there is no message or instance in what was named"


class Screen:
    """Shows the answers of one command; *is_single* says that there is only one answer, so no summary is needed.

    With *only_failures* there is no line for a positive answer, because there may be millions.
    """

    def __init__(self, width: int, *, is_single: bool = False, only_failures: bool = False) -> None:
        self._width = width
        self._only_failures = only_failures
        self._is_single = is_single
        self._counts: Counter[str] = Counter()
        self._progress = Progress("connecting")
        self._is_terminal = sys.stderr.isatty()
        self._is_drawn = False
        self._drawn_at = 0.0
        self._began = time.monotonic()

    def tell(self, progress: Progress) -> None:
        """Show how far the command is."""
        self._progress = progress
        self._draw(progress.done, now=True)

    async def show(self, answers: AsyncIterable[Answered]) -> bool:
        """Print a line for each answer as it arrives; return whether there was an answer and all were positive."""
        try:
            async for each in answers:
                self._print(each)
        finally:
            self._erase()
            self._print_sum()
        return self.sent > 0 and self.sent == self._counts["accepted"]

    @property
    def sent(self) -> int:
        """How many were sent."""
        return self._counts.total() - self._counts["skipped"]

    def _print(self, each: Answered) -> None:
        self._counts[_sort(each)] += 1
        if self._only_failures and (each.positive or each.is_skipped):
            self._draw(self.sent)
            return
        self._erase()
        answer, identifier, source, detail = map(visible, (each.answer, each.identifier, each.source, each.detail))
        line = f"{answer:<6} {identifier:<{self._width}}  {source}"
        print(f"{line}  {detail}" if detail else line, flush=True)  # noqa: T201  it is the command's result
        self._draw(self.sent)

    def _print_sum(self) -> None:
        if self._is_single:
            return
        counts, seconds = self._counts, time.monotonic() - self._began
        if not counts:
            _tell(NOTHING)
            return
        parts = [f"{counts[name]} {name}" for name in ("accepted", "refused", "without an answer") if counts[name]]
        skipped = f"; {counts['skipped']} skipped" if counts["skipped"] else ""
        nothing = "" if self.sent else f"; {NOTHING}"
        _tell(f"{self.sent} in all: {', '.join(parts) or '-'}{skipped}{nothing}; {seconds:.1f} s")

    def _draw(self, done: int, *, now: bool = False) -> None:
        moment = time.monotonic()
        if not self._is_terminal or self._is_single or (not now and moment - self._drawn_at < SECONDS):
            return
        self._drawn_at, self._is_drawn = moment, True
        of = "" if self._progress.total is None else f" of {self._progress.total}"
        sys.stderr.write(f"{ERASE}{self._progress.doing}: {done}{of}")
        sys.stderr.flush()

    def _erase(self) -> None:
        if self._is_drawn:
            self._is_drawn = False
            sys.stderr.write(ERASE)
            sys.stderr.flush()


def _sort(each: Answered) -> str:
    if each.is_skipped:
        return "skipped"
    if each.positive:
        return "accepted"
    return "without an answer" if each.answer == NO_ANSWER else "refused"


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201  the command line speaks to a person
