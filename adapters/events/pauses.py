"""How long to wait before a failed request or delivery is tried again."""

import random

FIRST = 0.5
MOST_DOUBLED = 16


def pause_after(attempt: int, ceiling: float, asked: float | None = None) -> float:
    """Return the wait after the failed *attempt*, counted from 1: doubling up to *ceiling*, with jitter.

    A server that *asked* for a longer wait gets it.
    """
    pause = min(ceiling, FIRST * 2.0 ** min(attempt - 1, MOST_DOUBLED))
    return max(pause * random.uniform(0.5, 1), asked or 0.0)  # noqa: S311  jitter is no secret


def is_told(attempt: int) -> bool:
    """Whether a failure is logged: the first, second, fourth, eighth and so on in a row."""
    return attempt & (attempt - 1) == 0
