"""The report names what is not stored, and counts the rest."""

import json

import pytest

from gateway.cli.importing.ledger import Entry
from gateway.cli.importing.report import ImportBar, Report


def test_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each part that is not stored, safe for a terminal; the counts at the end."""
    report = Report(as_json=False)
    report.add("/a", "", "stored", "")
    report.add("/b\x1b[2J", "3", "refused", "why")
    report.add("/c", "", "skipped", "there already")
    report.object(Entry("1", 5, "", "refused"))
    report.before("/d", Entry("1", 5, "", "refused", "1 of 2"), [("1", "because")])
    report.before("/e", Entry("1", 5, "", "stored"), [])
    report.end("nobody answers")
    assert capsys.readouterr().out.splitlines() == [
        "refused  /b\\x1b[2J 3: why",
        "skipped  /c: there already",
        "refused  /d 1: because",
        "objects: 1 refused",
        "objects that an earlier run was done with: 2",
        "messages stored: 1; octets of the objects: 5",
        "stopped: nobody answers; run the same command again to import the rest",
    ]
    assert (report.is_good, report.first_reason) == (False, "why")


def test_waiting(capsys: pytest.CaptureFixture[str]) -> None:
    """That nothing succeeds now is no part of the result: it goes to the standard error."""
    Report(as_json=False).waiting("connection refused\x1b", 299.6)
    out, err = capsys.readouterr()
    assert "" == out
    assert "waiting: connection refused\\x1b; tries again for up to 300 s\n" == err


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    """For programs each line is an object, and names that are not UTF-8 are escaped."""
    report = Report(as_json=True)
    report.add("/\udcff", "", "failed", "why")
    report.end("")
    line, end = (json.loads(each) for each in capsys.readouterr().out.splitlines())
    assert line == {"uri": "/\udcff", "part": "", "state": "failed", "reason": "why"}
    assert (end["messages_stored"], end["first_reason"]) == (0, "why")


def test_good() -> None:
    """What is there already is no failure."""
    report = Report(as_json=True)
    report.object(Entry("1", 5, "", "skipped"))
    assert report.is_good


def test_bar() -> None:
    """A person sees how fast it goes."""
    bar = ImportBar(0, 0)
    bar.messages, bar.octets, bar.failed = 20, 3_000_000, 1
    assert bar.text(2.0) == "20 stored, 3.0 MB read, 10/s, 1 not stored"
