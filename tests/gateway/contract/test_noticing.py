"""What a connection tells of its peer."""

from dataclasses import dataclass, field

import pytest

from gateway.contract.causes import Cause, Diagnosis, Notice
from gateway.contract.meter import ListenerMeter, Rejection
from gateway.contract.noticing import Noticer


@dataclass
class Meter:
    """Keeps what it is told."""

    notices: list[Notice] = field(default_factory=list)

    def noticed(self, notice: Notice) -> None:
        """Keep it."""
        self.notices.append(notice)

    @property
    def diagnoses(self) -> list[Diagnosis]:
        """What was noticed."""
        return [each.diagnosis for each in self.notices]


@pytest.fixture
def meter() -> Meter:
    """Return a meter that has not been told anything."""
    return Meter()


@pytest.fixture
def noticer(meter: ListenerMeter) -> Noticer:
    """Return what tells the meter."""
    return Noticer(meter, "10.0.0.2")


def test_name(meter: Meter, noticer: Noticer) -> None:
    """A peer has the name of its address until a better one is known."""
    noticer.notice(Cause.TLS_ON_PLAIN_PORT)
    noticer.peer = "LAB|H"
    noticer.gave_up(14.04)
    assert meter.notices == [
        Notice(Diagnosis(Cause.TLS_ON_PLAIN_PORT), "10.0.0.2", "10.0.0.2"),
        Notice(Diagnosis(Cause.PEER_GAVE_UP, {"seconds": "14.0"}), "LAB|H", "10.0.0.2"),
    ]


@pytest.mark.parametrize(
    ("reason", "most", "told"),
    [
        (Rejection.NETWORK, 5, [Diagnosis(Cause.NETWORK_NOT_ALLOWED)]),
        (
            Rejection.PEER_LIMIT, 5,
            [Diagnosis(Cause.PEER_LIMIT, {"limit": "peer_limit", "connections": "5", "most": "5"})],
        ),
        (Rejection.PEER_LIMIT, 0, [Diagnosis(Cause.PEER_LIMIT, {"limit": "peer_limit"})]),
        (Rejection.CONNECTION_LIMIT, 5, [Diagnosis(Cause.PEER_LIMIT, {"limit": "connection_limit"})]),
        (Rejection.DESCRIPTOR_LIMIT, 5, [Diagnosis(Cause.PEER_LIMIT, {"limit": "descriptor_limit"})]),
        (Rejection.DISPLACED, 5, [Diagnosis(Cause.PEER_LIMIT, {"limit": "displaced"})]),
        (Rejection.IDLE_TIMEOUT, 5, []),
    ],
)  # fmt: skip
def test_turned_away(reason: Rejection, most: int, told: list[Diagnosis], meter: Meter, noticer: Noticer) -> None:
    """Networks and limits are told; other reasons are not about who may connect."""
    noticer.turned_away(reason, most)
    assert meter.diagnoses == told


def test_slowed(meter: Meter, noticer: Noticer) -> None:
    """A peer that is slowed down after each message is told of once a second."""
    for now in (100.0, 100.5, 100.9, 101.0, 101.9):
        noticer.slowed(now, 20.0)
    assert meter.diagnoses == [Diagnosis(Cause.RATE, {"allowed": "20"})] * 2


@pytest.mark.parametrize(
    ("gap", "seconds", "is_told"), [(60.0, 1.0, False), (1.5, 1.0, False), (1.0, 1.0, True), (60.0, 2.0, True)]
)
def test_slowed_as_usual(meter: Meter, noticer: Noticer, gap: float, seconds: float, *, is_told: bool) -> None:
    """A peer that sends what is allowed is not told of, although its next message would have to wait."""
    noticer.slowed(100.0, 1.0, 1.0)
    noticer.slowed(100.0 + gap, 1.0, seconds)
    assert is_told == bool(meter.diagnoses)
