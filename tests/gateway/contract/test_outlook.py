"""The values of Outlook."""

from gateway.contract.outcome import Refused, Unavailable
from gateway.contract.outlook import Outlook


def test_words() -> None:
    """The four values are used in configurations and in the documentation, so they never change."""
    assert ["final", "doubtful", "temporary", "busy"] == list(Outlook)


def test_what_an_outcome_expects_by_itself() -> None:
    """By default a refusal is final and a failure is temporary."""
    assert Outlook.FINAL is Refused("no").outlook
    assert Outlook.TEMPORARY is Unavailable("down").outlook
