"""Each change of a destination's availability is logged, and its state is a metric."""

from structlog.testing import capture_logs

from gateway.flow.availability import Availability
from gateway.flow.breaker import THRESHOLD
from gateway.telemetry.metrics import Metrics


class Watched:
    """An availability at a time that the test sets."""

    def __init__(self) -> None:
        self.now = 100.0
        self._metrics = Metrics()
        meter = self._metrics.destination("store")
        self.availability = Availability("store", meter, lambda: self.now, lambda: 1_700_000_000.0 + self.now)

    @property
    def shown(self) -> float:
        """Return the value of the metric."""
        lines = self._metrics.render().decode().splitlines()
        name = 'hilum_destination_available{destination="store"} '
        return next(float(line.removeprefix(name)) for line in lines if line.startswith(name))


def test_a_destination_counts_as_available_at_first() -> None:
    """A destination is available before the first delivery."""
    assert 1 == Watched().shown


def test_failures_in_a_row() -> None:
    """Without a breaker, THRESHOLD failures in a row make the destination unavailable; further ones change nothing."""
    watched = Watched()
    edges = [watched.availability.failed() for _ in range(THRESHOLD + 2)]
    assert [*([False] * (THRESHOLD - 1)), True, False, False] == edges
    assert 0 == watched.shown


def test_a_success_begins_anew() -> None:
    """Failures with successes between them do not make the destination unavailable."""
    watched = Watched()
    assert [False] * 20 == [watched.availability.failed() or watched.availability.took() for _ in range(20)]
    assert 1 == watched.shown


def test_the_breaker_decides() -> None:
    """With a breaker, the state of the breaker decides."""
    watched = Watched()
    assert [False, True, False] == [watched.availability.failed(is_open=each) for each in (False, True, True)]
    assert [True, False] == [watched.availability.took(), watched.availability.took()]
    assert 1 == watched.shown


def test_lines() -> None:
    """Both lines count from the first failure in a row: one says since when, the other after how many seconds."""
    watched = Watched()
    watched.availability.failed(is_open=False)
    watched.now += 2
    watched.availability.failed(is_open=True)
    with capture_logs() as logs:
        watched.availability.tell_unavailable("connection refused", waiting=3, next_try_seconds=1.0)
        watched.now += 5
        watched.availability.took()
        watched.availability.tell_recovered(2, waiting=1)
    assert [
        {
            "event": "destination_unavailable",
            "log_level": "warning",
            "destination": "store",
            "since": "2023-11-14T22:15:00Z",
            "reason": "connection refused",
            "waiting": 3,
            "next_try_seconds": 1.0,
        },
        {
            "event": "destination_recovered",
            "log_level": "info",
            "destination": "store",
            "after_seconds": 7.0,
            "delivered": 2,
            "waiting": 1,
        },
    ] == logs


def test_failures_between_an_edge_and_its_line() -> None:
    """What happens before a line is written, because the spool is asked first, changes neither of its times."""
    watched = Watched()
    watched.availability.failed(is_open=True)
    watched.now += 60
    watched.availability.took()
    watched.now += 5
    watched.availability.failed(is_open=False)
    with capture_logs() as logs:
        watched.availability.tell_recovered(1)
    assert [60.0] == [each["after_seconds"] for each in logs]


def test_a_success_between_an_edge_and_its_line() -> None:
    """The line about the loss has the time of that loss, even if the destination has failed anew since."""
    watched = Watched()
    watched.availability.failed(is_open=True)
    watched.now += 60
    watched.availability.took()
    watched.availability.failed(is_open=False)
    with capture_logs() as logs:
        watched.availability.tell_unavailable("connection refused")
    assert ["2023-11-14T22:15:00Z"] == [each["since"] for each in logs]


def test_a_failure_long_before() -> None:
    """A failure that did not count for the breaker, hours before the others, is not the beginning."""
    watched = Watched()
    watched.availability.failed(is_open=False)
    watched.now += 7200
    for number in range(THRESHOLD):
        watched.availability.failed(is_open=number == THRESHOLD - 1)
        watched.now += 1
    watched.availability.took()
    with capture_logs() as logs:
        watched.availability.tell_recovered(1)
    assert [float(THRESHOLD)] == [each["after_seconds"] for each in logs]
