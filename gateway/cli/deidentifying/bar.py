"""The progress bar: one line on standard error that is drawn again and again, only on a terminal."""

import sys
import time
from collections.abc import Callable

WIDTH = 24
SECONDS = 0.1
ERASE = "\r\x1b[K"


class Bar:
    """Shows how much of *total* octets is done."""

    def __init__(self, total: int, files: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total, self._files, self._clock = total, files, clock
        self._is_terminal = sys.stderr is not None and sys.stderr.isatty()
        self._began, self._drawn = clock(), 0.0
        self._octets = self._units = self._held = 0

    def add(self, octets: int, held: int) -> None:
        """Count a unit."""
        self._octets, self._units, self._held = self._octets + octets, self._units + 1, self._held + held

    def draw(self) -> None:
        """Draw the bar, if it was not drawn just now."""
        now = self._clock()
        if self._is_terminal and now - self._drawn >= SECONDS:
            self._drawn = now
            sys.stderr.write(ERASE + self.text(now - self._began))
            sys.stderr.flush()

    def erase(self) -> None:
        """Remove it."""
        if self._is_terminal and self._drawn:
            sys.stderr.write(ERASE)
            sys.stderr.flush()

    def text(self, seconds: float) -> str:
        """Return the line after so many seconds."""
        held = f", {self._held} held back" if self._held else ""
        if not self._files:  # nobody has said how many there are
            return f"{self._units} done{held}"
        part = min(1.0, (self._octets + self._units) / max(1, self._total + self._files))
        full = int(part * WIDTH)
        left = f", {_clock(seconds / part - seconds)} left" if part and seconds >= 1 else ""
        return f"[{'#' * full}{'.' * (WIDTH - full)}] {self._units} of {self._files}{held}{left}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds + 0.5), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"
