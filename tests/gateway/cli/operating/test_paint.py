"""Shapes and colours."""

import io
from pathlib import Path

import pytest

from gateway.causes.rows import STATES
from gateway.cli.operating.paint import MARKS, USUAL, Paint, fitting, mark_of
from tests.gateway.cli.operating.statuses import PATH, Admin, case, configuration, status
from tests.gateway.cli.operating.terminals import terminal


@pytest.mark.parametrize(("variable", "coloured"), [("", True), ("1", False)])
def test_colours(tmp_path: Path, admin: Admin, variable: str, coloured: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal gets colours, unless NO_COLOR is set; so does that of `hilum status`."""
    admin.bodies[PATH] = status(case())
    monkeypatch.setenv("NO_COLOR", variable)
    with terminal("status", configuration(tmp_path, admin.port)) as shown:
        assert 1 == shown.end()
    assert coloured == ("\x1b[31;1m■ STOPPED" in shown.written)
    assert coloured == ("\x1b" in shown.written)


def test_every_state_has_a_mark() -> None:
    """Each state that a case may have is shown with a shape and a word of its own."""
    assert set(STATES) == set(MARKS)
    assert len(MARKS) == len({each.word for each in MARKS.values()})


def test_other_states() -> None:
    """A state of a newer gateway is shown with its word."""
    assert USUAL == mark_of("usual")
    assert ("NEWER", "dim") == (mark_of("newer").word, mark_of("newer").style)


def test_paint() -> None:
    """Nothing is coloured without colours, nor without a style that is known, nor where there is nothing."""
    paint = Paint(colours=True)
    assert ("\x1b[31;1mA\x1b[0m", "A", "") == (paint("A", "red", "bold"), paint("A", "none"), paint("", "red"))
    assert "A" == Paint(colours=False)("A", "red")


@pytest.mark.parametrize(("encoding", "shown"), [("utf-8", "■ →"), ("ascii", "# >"), ("latin-1", "# >")])
def test_fitting(encoding: str, shown: str) -> None:
    """An encoding without the shapes gets others."""
    assert shown == fitting("■ →", io.TextIOWrapper(io.BytesIO(), encoding))
