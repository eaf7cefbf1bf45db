"""What the sending commands print."""

import io
import re
import sys
from collections.abc import AsyncIterator

import pytest

from gateway.cli.answers import CONTROL_ID, ERASE, NOTHING, Screen
from gateway.contract.sending import NO_ANSWER, SKIPPED, Answered, Progress

GOOD = Answered("a.hl7", "C1", "AA", positive=True, detail="Application accept")
BAD = Answered("b.hl7", "C2", "AE", positive=False, detail="Application error: no such ward")
NONE = Answered("c.hl7", "C3", NO_ANSWER, positive=False, detail="no answer in 30 s")
SKIP = Answered("notes.txt", "-", SKIPPED, positive=True, detail="not a DICOM Part 10 file", is_skipped=True)


async def each_of(*answers: Answered) -> AsyncIterator[Answered]:
    """Yield *answers*."""
    for answer in answers:
        yield answer


async def test_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Each answer is a line of columns: answer, identifier, file, and what the answer means."""
    await Screen(CONTROL_ID).show(each_of(GOOD, BAD, NONE, SKIP))
    assert [
        "AA     C1                    a.hl7  Application accept",
        "AE     C2                    b.hl7  Application error: no such ward",
        "-      C3                    c.hl7  no answer in 30 s",
        "skip   -                     notes.txt  not a DICOM Part 10 file",
    ] == capsys.readouterr().out.splitlines()


SUMS = {
    "all well": ((GOOD, GOOD), "2 in all: 2 accepted"),
    "of every sort": ((GOOD, BAD, NONE, SKIP), "3 in all: 1 accepted, 1 refused, 1 without an answer; 1 skipped"),
    "only skipped": ((SKIP,), f"0 in all: -; 1 skipped; {NOTHING}"),
    "nothing": ((), NOTHING),
}


@pytest.mark.parametrize(("answers", "expected"), SUMS.values(), ids=SUMS)
async def test_sum(answers: tuple[Answered, ...], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The last line counts, on standard error: standard output has a line for each answer and nothing else."""
    await Screen(CONTROL_ID).show(each_of(*answers))
    assert expected == re.sub(r"; [0-9.]+ s$", "", capsys.readouterr().err.rstrip("\n"))


RESULTS = {"good": ((GOOD, SKIP), True), "bad": ((GOOD, BAD), False), "skipped": ((SKIP,), False), "none": ((), False)}


@pytest.mark.parametrize(("answers", "expected"), RESULTS.values(), ids=RESULTS)
async def test_result(answers: tuple[Answered, ...], expected: bool) -> None:
    """Only all positive, and at least one that was sent, is success."""
    assert expected is await Screen(CONTROL_ID).show(each_of(*answers))


async def test_single(capsys: pytest.CaptureFixture[str]) -> None:
    """An echo is one line, without a sum."""
    await Screen(0, is_single=True).show(each_of(Answered("A@h:1", "C-ECHO", "0000", positive=True, detail="Success")))
    assert ("0000   C-ECHO  A@h:1  Success\n", "") == capsys.readouterr()


async def test_odd_peers(capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters from a peer or a file are shown and do not reach the terminal."""
    await Screen(3).show(each_of(Answered("a\n.hl7", "C1\x1b[2J", "\x9b2J", positive=True, detail="\x07")))
    assert r"\x9b2J C1\x1b[2J  a\n.hl7  \x07" + "\n" == capsys.readouterr().out


class Terminal(io.StringIO):
    """A standard error stream that is a terminal."""

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


async def test_progress_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """At a terminal progress is shown, and erased when the command ends."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    screen = Screen(CONTROL_ID)
    screen.tell(Progress("reading files", 100))
    screen.tell(Progress("sending", total=600))
    await screen.show(each_of(GOOD))
    said = terminal.getvalue()
    assert f"{ERASE}reading files: 100{ERASE}sending: 0 of 600{ERASE}" in said
    assert said.endswith(" s\n")


async def test_no_progress_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    """A file or a pipe gets no progress."""
    Screen(CONTROL_ID).tell(Progress("sending", total=600))
    assert ("", "") == capsys.readouterr()
