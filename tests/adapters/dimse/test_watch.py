"""The timers, without waiting."""

import pytest

from adapters.dimse.settings import DimseListenerSettings
from adapters.dimse.watch import Lapse, Phase, Watch

SETTINGS = DimseListenerSettings(port=0, artim_seconds=30, idle_seconds=600, message_seconds=60, write_seconds=20)

# Seconds since the peer's last octet, the phase, the ARTIM timer, the blocked write; and which limit has passed.
LAPSES: dict[str, tuple[float, Phase, float | None, float | None, Lapse | None]] = {
    "just now": (0, Phase.NEXT, None, None, None),
    "idle": (599, Phase.NEXT, None, None, None),
    "idle for too long": (600, Phase.NEXT, None, None, Lapse.IDLE),
    "in a message": (59, Phase.MESSAGE, None, None, None),
    "stalled in a message": (60, Phase.MESSAGE, None, None, Lapse.MESSAGE),
    "waiting for us": (9999, Phase.ANSWER, None, None, None),
    "no request yet": (29, Phase.REQUEST, 30, None, None),
    "no request": (30, Phase.REQUEST, 30, None, Lapse.SILENT),
    "does not hang up": (30, Phase.END, 30, None, Lapse.LINGER),
    "does not release while draining": (1, Phase.NEXT, 1, None, Lapse.LINGER),
    "does not read": (20, Phase.ANSWER, None, 0, Lapse.WRITE),
    "read a moment ago": (20, Phase.ANSWER, None, 1, None),
}


@pytest.mark.parametrize(("now", "phase", "artim", "blocked", "lapse"), LAPSES.values(), ids=LAPSES)
def test_lapse(now: float, phase: Phase, artim: float | None, blocked: float | None, lapse: Lapse | None) -> None:
    """Each limit counts where it belongs, and our own slowness is not held against the peer."""
    assert lapse == Watch(SETTINGS, 0, artim, blocked).lapse(now, phase)


@pytest.mark.parametrize(("seconds", "interval"), [(30, 1.0), (1, 0.2), (0.01, 0.01)])
def test_interval(seconds: float, interval: float) -> None:
    """One lazy timer is exact enough for the shortest limit."""
    assert interval == Watch(SETTINGS.model_copy(update={"artim_seconds": seconds}), 0).interval
