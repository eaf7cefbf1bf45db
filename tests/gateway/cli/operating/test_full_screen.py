"""The terminal is given back, whatever ends the program."""

import signal

import pytest

from gateway.cli.operating.full_screen import LEAVE
from tests.gateway.cli.operating.statuses import PATH, Admin, status
from tests.gateway.cli.operating.terminals import Terminal


def test_interrupted(shown: Terminal) -> None:
    """Ctrl-C ends it, and the terminal is as before."""
    shown.press("\x03")
    assert 0 == shown.end()
    assert (True, True) == (LEAVE in shown.written, shown.is_cooked())
    assert "Traceback" not in shown.written


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_killed(shown: Terminal, number: signal.Signals) -> None:
    """A signal that asks it to end does so, and the terminal is as before."""
    shown.process.send_signal(number)
    assert 0 == shown.end()
    assert (True, True) == (LEAVE in shown.written, shown.is_cooked())


def test_error(shown: Terminal, admin: Admin) -> None:
    """An error gives the terminal back before it is shown."""
    admin.bodies[PATH] = {**status(), "cases": [None]}  # no version of the API sends this
    assert 0 != shown.end()
    assert (True, True) == (LEAVE in shown.written, shown.is_cooked())
    assert "Traceback" in shown.written.partition(LEAVE)[2]
