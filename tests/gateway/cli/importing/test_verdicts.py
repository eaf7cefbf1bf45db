"""What became of a part and of an object."""

from datetime import UTC, datetime

import pytest

from gateway.cli.importing.verdicts import Tally, Verdict, verdict_of
from gateway.contract.objects import Found
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable

FOUND = Found("k", 5, "v", datetime(2026, 1, 1, tzinfo=UTC))
TWICE = Refused("another one", code="0111")


@pytest.mark.parametrize(
    ("outcome", "skips", "state"),
    [
        (Stored(), True, "stored"),
        (TWICE, True, "skipped"),
        (TWICE, False, "refused"),
        (Refused("why", code="C000"), True, "refused"),
        (Unavailable("why"), True, "failed"),
    ],
)
def test_verdict(outcome: Outcome, skips: bool, state: str) -> None:
    """Google leaves an instance alone that is there already; who wants to know of it says so."""
    assert verdict_of(outcome, skips_conflicts=skips).state == state


@pytest.mark.parametrize(
    ("verdicts", "state", "reason"),
    [
        ([Verdict("stored")], "stored", ""),
        ([], "skipped", ""),
        ([Verdict("skipped", "s")], "skipped", "s"),
        ([Verdict("stored"), Verdict("skipped", "s")], "stored", ""),
        ([Verdict("refused", "r")], "refused", "r"),
        (
            [Verdict("stored"), Verdict("refused", "r"), Verdict("refused", "q")],
            "refused",
            "2 of its 3 messages: the first: r",
        ),
        ([Verdict("refused", "r"), Verdict("failed", "f")], "failed", "1 of its 2 messages: the first: f"),
    ],
)
def test_object(verdicts: list[Verdict], state: str, reason: str) -> None:
    """The worst part decides, and the first reason is told."""
    tally = Tally()
    for verdict in verdicts:
        tally.add(verdict)
    entry = tally.entry(FOUND, "d")
    assert (entry.state, entry.reason, entry.digest, entry.version) == (state, reason, "d", "v")
    assert entry.stored == sum(each.state == "stored" for each in verdicts)
