"""The timers, without waiting."""

import pytest

from adapters.dimse.serving.watch import PassedLimit, Phase, Watch
from adapters.dimse.settings import DimseListenerSettings

SETTINGS = DimseListenerSettings(port=0, artim_seconds=30, idle_seconds=600, message_seconds=60, write_seconds=20)

# Seconds since the peer's last octet, the phase, the ARTIM timer, the blocked write; and which limit has passed.
LAPSES: dict[str, tuple[float, Phase, float | None, float | None, PassedLimit | None]] = {
    "just now": (0, Phase.NEXT, None, None, None),
    "idle": (599, Phase.NEXT, None, None, None),
    "idle for too long": (600, Phase.NEXT, None, None, PassedLimit.IDLE),
    "in a message": (59, Phase.MESSAGE, None, None, None),
    "stalled in a message": (60, Phase.MESSAGE, None, None, PassedLimit.MESSAGE),
    "waiting for us": (9999, Phase.ANSWER, None, None, None),
    "no request yet": (29, Phase.REQUEST, 30, None, None),
    "no request": (30, Phase.REQUEST, 30, None, PassedLimit.SILENT),
    "does not hang up": (30, Phase.END, 30, None, PassedLimit.LINGER),
    "does not release while draining": (1, Phase.NEXT, 1, None, PassedLimit.LINGER),
    "does not read": (20, Phase.ANSWER, None, 0, PassedLimit.WRITE),
    "read a moment ago": (20, Phase.ANSWER, None, 1, None),
}


@pytest.mark.parametrize(("now", "phase", "artim", "blocked", "lapse"), LAPSES.values(), ids=LAPSES)
def test_lapse(now: float, phase: Phase, artim: float | None, blocked: float | None, lapse: PassedLimit | None) -> None:
    """Each limit counts where it belongs, and a delay of Hilum does not count against the peer."""
    assert lapse == Watch(SETTINGS, 0, artim, blocked).lapse(now, phase)


@pytest.mark.parametrize(("seconds", "interval"), [(30, 1.0), (1, 0.2), (0.01, 0.01)])
def test_interval(seconds: float, interval: float) -> None:
    """One periodic timer is exact enough for the shortest limit."""
    assert interval == Watch(SETTINGS.model_copy(update={"artim_seconds": seconds}), 0).interval


def lapses(*looks: tuple[Phase, int]) -> list[PassedLimit | None]:
    """Return what a watch says that is looked at every second; each look is a phase and the octets since."""
    settings = SETTINGS.model_copy(update={"message_seconds": 10, "min_bytes_per_second": 100})
    watch = Watch(settings, 0)
    said = []
    for number, (phase, octets) in enumerate(looks):
        watch.active_at = number
        watch.octets += octets
        said.append(watch.lapse(number, phase))
    return said


def test_too_slow() -> None:
    """A message that trickles in is given up once it has had message_seconds and the time for what has come."""
    assert [None] * 12 + [PassedLimit.SLOW] == lapses(*[(Phase.MESSAGE, 9)] * 13)


def test_fast_enough() -> None:
    """A message may take long if enough of it comes."""
    assert {None} == set(lapses(*[(Phase.MESSAGE, 101)] * 1000))


def test_each_message_has_its_own_time() -> None:
    """Between messages the measure starts anew."""
    assert {None} == set(lapses(*[*[(Phase.MESSAGE, 1)] * 10, (Phase.NEXT, 1)] * 5))


def test_our_pauses_do_not_count() -> None:
    """Time in which the peer was not read does not count against it, and does not make its message a new one."""
    paused = [(Phase.ANSWER, 0)] * 100
    assert [None] * 111 + [PassedLimit.SLOW] == lapses(*[(Phase.MESSAGE, 0)] * 6, *paused, *[(Phase.MESSAGE, 0)] * 6)


def test_standstill() -> None:
    """Seconds in which this process did not run are no time of the peer's message."""
    settings = SETTINGS.model_copy(update={"message_seconds": 10})
    watch = Watch(settings, 0)
    assert watch.lapse(0, Phase.MESSAGE) is None
    watch.stood_still(60)
    watch.active_at = 61
    assert watch.lapse(61, Phase.MESSAGE) is None
