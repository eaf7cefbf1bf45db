"""Log lines about what a listener fetches."""

from structlog.testing import capture_logs

from adapters.events.telling import Teller
from gateway.contract.outcome import Refused, Stored, Unavailable

TELLER = Teller("from-cloud", lambda name: {"source_name": name})


def test_held() -> None:
    """The first, second, fourth and eighth failure are told, with what is known of them."""
    with capture_logs() as logs:
        for attempt in range(1, 10):
            TELLER.held("a", Refused("no") if attempt % 2 else Unavailable("away"), attempt, 0.50049)
    assert [1, 2, 4, 8] == [each["attempt"] for each in logs]
    assert ("a", "refused", "no", 0.5) == tuple(
        logs[0][key] for key in ("source_name", "outcome", "reason", "again_in")
    )
    assert ("unavailable", "away") == (logs[1]["outcome"], logs[1]["reason"])


def test_others() -> None:
    """What is gone, late or given up is told each time."""
    with capture_logs() as logs:
        TELLER.gone("a")
        TELLER.late("a")
        TELLER.skipped("a", Refused("no"), 3)
        TELLER.held("a", Stored(), 1, 0)
    assert ["source_message_gone", "source_message_late", "source_message_skipped"] == [each["event"] for each in logs]
    assert {"from-cloud"} == {each["listener"] for each in logs}
