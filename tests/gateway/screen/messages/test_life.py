"""The life of one message."""

from gateway.screen.messages.life import DELIVERY, RECEIVED, life_of
from tests.gateway.screen.further import row


def test_steps() -> None:
    """Answers and deliveries come in the order of time, each with the time since the one before it."""
    rows = [
        row(at=30.0, message_id="m", listener="", outcome="parked", answer=""),
        row(at=10.0, message_id="m", outcome="committed"),
        row(at=12.5, message_id="m", listener="", outcome="retried", answer=""),
        row(at=11.0, message_id="other"),
    ]
    life = life_of("m", rows)
    assert life is not None
    assert [(RECEIVED, None), (DELIVERY, 2.5), (DELIVERY, 17.5)] == [(each.what, each.after) for each in life.steps]
    assert ("committed", "parked") == (life.first.outcome, life.ended.outcome)


def test_only_a_delivery() -> None:
    """If the answer is older than the journal, the first delivery tells where it went."""
    life = life_of("m", [row(message_id="m", listener="", outcome="stored")])
    assert life is not None
    assert ("stored", 1) == (life.first.outcome, len(life.steps))


def test_nothing() -> None:
    """A control ID is not a message ID: such rows are no life."""
    assert life_of("C1", [row(1)]) is None
