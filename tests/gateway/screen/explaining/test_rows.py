"""Rows of the journal in words."""

import pytest

from gateway.journal.schema import OUTCOMES as RECORDED
from gateway.screen.explaining.rows import OUTCOMES, step_of, type_of
from tests.gateway.screen.explaining.examples import CT, NOW, attempt, row


def test_every_outcome_has_words() -> None:
    """Each outcome that the journal records has its words."""
    assert set(RECORDED) <= set(OUTCOMES)


@pytest.mark.parametrize(("kind", "name"), [(CT, "CT Image Storage"), ("ADT^A01", "ADT^A01"), ("", "a message")])
def test_type(kind: str, name: str) -> None:
    """A type is named as people name it."""
    assert name == type_of(row(type=kind))


def test_decision() -> None:
    """What an operator decided is no numbered attempt, and takes no time."""
    assert {"at": NOW - 90, "text": "delivery to pacs: tried again later"} == step_of(
        attempt(outcome="retried", attempts=0, seconds=0.0)
    )


def test_reason() -> None:
    """The reason stands behind the outcome; where the message would have gone is said."""
    text = step_of(row(outcome="refused", reason="too large", destination="pacs", answer="AE"))["text"]
    assert text.endswith(": REFUSED for pacs (too large); answered AE after 4 ms")
