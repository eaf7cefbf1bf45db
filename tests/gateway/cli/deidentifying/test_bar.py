"""The progress bar is for a terminal only, and says how much is left."""

import sys

import pytest

from gateway.cli.deidentifying.bar import Bar


def test_text() -> None:
    """It shows part, number, what is held back, and the time that is left."""
    bar = Bar(1000, 10)
    assert bar.text(0) == "[........................] 0 of 10"
    for _ in range(5):
        bar.add(100, 1)
    assert bar.text(30) == "[############............] 5 of 10, 5 held back, 0:30 left"
    assert bar.text(7200) == "[############............] 5 of 10, 5 held back, 2:00:00 left"


@pytest.mark.parametrize("terminal", [True, False])
def test_drawn(terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal nothing is written; with one not at every unit, and the line is removed at the end."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    now = iter([0.0, 1.0, 1.01, 2.0])
    bar = Bar(10, 1, lambda: next(now))
    for _ in range(3):
        bar.draw()
    bar.erase()
    written = capsys.readouterr().err
    assert written.count("[") == (5 if terminal else 0)  # two bars and three commands to erase a line
