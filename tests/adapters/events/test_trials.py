"""How often a message is tried."""

import pytest

from adapters.events.trials import HELD_SECONDS, Trial
from gateway.contract.outcome import NO_ROUTE, Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook

MAYBE = Unavailable("silence", maybe_stored=True)
CASES: dict[str, tuple[Outcome, int | None]] = {
    "stored": (Stored(), None),
    "no route": (NO_ROUTE, None),
    "away": (Unavailable("away"), None),
    "refused": (Refused("no"), 1),
    "refused for now": (Refused("no", outlook=Outlook.DOUBTFUL), 10),
    "not known": (MAYBE, 37),
    "not known, and final": (Unavailable("x", maybe_stored=True, outlook=Outlook.FINAL), 1),
}


@pytest.mark.parametrize(("outcome", "expected"), CASES.values(), ids=CASES)
def test_over(outcome: Outcome, expected: int | None) -> None:
    """After how many attempts, one each 100 s, `on_refused` decides."""
    trial = Trial()
    assert expected == next((n for n in range(1, 1000) if trial.is_over(outcome, n * 100.0)), None)


def test_pause() -> None:
    """What may be stored is sent more and more rarely."""
    trial = Trial()
    trial.is_over(MAYBE, 0)
    assert trial.pause(MAYBE, 1, is_over=False) <= 0.5
    trial.unanswered = 30
    assert 150 <= trial.pause(MAYBE, 30, is_over=False) <= 300
    assert HELD_SECONDS == trial.pause(MAYBE, 31, is_over=True)
