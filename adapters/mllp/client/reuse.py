"""Whether a receiver keeps connections: the configuration says it, or what the receiver does shows it."""

from typing import Literal

SIGNS = 2
"""Closes right behind an answer, in a row, or repeated old answers, after which each message has its own connection."""


class Reuse:
    """What one receiver does with connections."""

    def __init__(self, setting: Literal["auto", "always", "never"]) -> None:
        self._is_auto = setting == "auto"
        self._closes = self._repeats = 0
        self.keeps_none = setting == "never"
        """Whether each message has its own connection."""

    def closed(self, *, is_sign: bool) -> None:
        """Take the end of a connection; it is a sign if the receiver closed it right behind an answer."""
        self._closes += is_sign
        self._look()

    def repeated(self) -> None:
        """Take an old answer that came again."""
        self._repeats += 1
        self._look()

    def answered_again(self) -> None:
        """Take the answer to a further message on one connection: the closes before were no sign."""
        if self._closes:
            self._closes = 0
            self._look()

    def _look(self) -> None:
        if self._is_auto:
            self.keeps_none = max(self._closes, self._repeats) >= SIGNS
