"""Explanations as text."""

import re

from gateway.cli.operating.explanation_text import explanation_lines
from gateway.cli.operating.paint import Paint
from gateway.contract.explained import Explanation, Step, part
from tests.gateway.cli.operating.statuses import NOW

HOSTILE = "A\x1b[2J\nB"


def test_hostile() -> None:
    """No value can control the terminal, nor begin a line of its own."""
    parts = [part(HOSTILE, HOSTILE, table=[[HOSTILE, HOSTILE]], steps=[Step(at=NOW, text=HOSTILE)])]
    found = Explanation(at=NOW, subject_kind="peer", subject=HOSTILE, found=True, parts=parts, mends=[HOSTILE])
    lines = list(explanation_lines(found, 80, Paint(colours=False), "h.yaml"))
    assert all(each.isprintable() for each in lines)
    assert (5, []) == (len(lines), [each for each in lines if each.startswith("B")])


def test_colours_only_add() -> None:
    """What was refused stands out, and says so in words."""
    parts = [part("Title", table=[["1", "taken"], ["3", "REFUSED: why"]])]
    found = Explanation(at=NOW, subject_kind="peer", subject="A", found=True, parts=parts, mends=[])
    plain, coloured = (list(explanation_lines(found, 80, Paint(colours=each), "h.yaml")) for each in (False, True))
    assert "\x1b[33m  3  REFUSED: why\x1b[0m" == coloured[-1]
    assert plain == [re.sub(r"\x1b\[[0-9;]*m", "", each) for each in coloured]
