"""Time that never runs backwards."""

import pytest

from gateway.spool.clock import SteadyClock

STEPS = {
    "forward": ([10, 20, 30], [10, 20, 30]),
    "stepped back": ([10, 5, 7], [10, 10, 12]),
    "stepped back twice": ([10, 5, 6, 1, 2], [10, 10, 11, 11, 12]),
    "stepped forward": ([10, 3610, 3611], [10, 3610, 3611]),
}


@pytest.mark.parametrize(("readings", "expected"), STEPS.values(), ids=STEPS)
def test_steps(readings: list[float], expected: list[float]) -> None:
    """A step back is made up for, and time goes on from where it was."""
    clock = SteadyClock(iter(readings).__next__)
    assert expected == [clock.last, *(clock.now() for _ in readings[1:])]


def test_a_step_back_while_the_gateway_was_down() -> None:
    """The last reading of the process before is not undercut either."""
    assert 3600.0 == SteadyClock(lambda: 10.0, last=3600.0).now()
