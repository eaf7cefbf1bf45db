"""The words for what is to be expected of the next try."""

from gateway.contract.outcome import Refused, Unavailable
from gateway.contract.outlook import Outlook


def test_words() -> None:
    """The four words stand in configurations and in the documentation, so they never change."""
    assert ["final", "doubtful", "temporary", "busy"] == list(Outlook)


def test_what_an_outcome_expects_by_itself() -> None:
    """A refusal is final and a failure temporary where nothing else is said."""
    assert Outlook.FINAL is Refused("no").outlook
    assert Outlook.TEMPORARY is Unavailable("down").outlook
