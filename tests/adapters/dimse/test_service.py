"""Counting who is connected."""

from adapters.dimse.service import Service
from adapters.dimse.settings import DimseListenerSettings
from gateway.message import Rejection
from tests.adapters.dimse.fakes import KeepingStore, RecordingMeter


def service(meter: RecordingMeter, **limits: int) -> Service:
    """Return a service with *limits*."""
    settings = DimseListenerSettings(port=0, **limits)  # type: ignore[arg-type]  # mypy takes them for any field
    return Service("modalities", settings, settings.policy(), KeepingStore(), meter)


def test_limits(meter: RecordingMeter) -> None:
    """The limit of the listener and that of one address are told apart, and both are given back."""
    counted = service(meter, max_connections=3, max_connections_per_peer=2)
    for peer in ("a", "a"):
        counted.admit(peer)
    assert (Rejection.PEER_LIMIT, None) == (counted.limit_reached("a"), counted.limit_reached("b"))
    counted.admit("b")
    assert Rejection.CONNECTION_LIMIT is counted.limit_reached("c")
    assert 3 == meter.connections
    counted.dismiss("a")
    assert counted.limit_reached("a") is None
    assert 2 == meter.connections


def test_forgets_addresses(meter: RecordingMeter) -> None:
    """An address that left is not kept."""
    counted = service(meter)
    counted.admit("a")
    counted.dismiss("a")
    assert {} == counted._associations
