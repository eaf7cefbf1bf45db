"""``hilum top``, in a terminal."""

from pathlib import Path

import pytest

from gateway.cli.main import main
from gateway.cli.operating.full_screen import ENTER, LEAVE
from tests.gateway.cli.operating.statuses import PATH, Admin, case, configuration, rejected, status
from tests.gateway.cli.operating.terminals import Terminal, terminal
from tests.ports import free_port


def test_live(shown: Terminal, admin: Admin) -> None:
    """What changes is shown by itself; q ends, and gives the terminal back as it was."""
    assert not shown.is_cooked()
    admin.bodies[PATH] = status(case(), rejected())
    shown.wait_for("▲ REJECTED")
    admin.bodies[PATH] = status()
    shown.wait_for("All is as usual.")
    assert not shown.written.endswith(LEAVE)
    shown.press("q")
    assert 0 == shown.end()
    assert (True, True) == (LEAVE in shown.written, shown.is_cooked())


def test_not_live(shown: Terminal, admin: Admin) -> None:
    """While the gateway does not answer the last picture stays, and the first line says how old it is."""
    admin.code = 500
    shown.wait_for("NOT LIVE since 29 Nov 2025 03:21:00: 127.0.0.1")
    shown.wait_for("■ STOPPED")
    admin.code = 200
    shown.wait_for("every 0.1 s; q ends")
    shown.press("q")
    assert 0 == shown.end()


def test_small_terminal(tmp_path: Path, admin: Admin) -> None:
    """What does not fit is counted; no line is longer than the terminal, so that nothing scrolls."""
    admin.bodies[PATH] = status(case())
    with terminal("top", configuration(tmp_path, admin.port), size=(6, 40), term="dumb") as shown:
        shown.wait_for("more lines: `hilum status`")
        shown.wait_for("every 2 s; q ends")
        shown.press("q")
        assert 0 == shown.end()


def test_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal it refuses, and names the command that needs none."""
    path = configuration(tmp_path, 9)
    assert 2 == main(["top", path])
    assert f"hilum: top needs a terminal for input and output; `hilum status {path}`" in capsys.readouterr().err


def test_not_running(tmp_path: Path) -> None:
    """If the gateway does not answer at the start, that is said, and the screen stays as it is."""
    with terminal("top", configuration(tmp_path, free_port())) as shown:
        assert 1 == shown.end()
    assert "has no listener: the gateway does not run" in shown.written
    assert ENTER not in shown.written
