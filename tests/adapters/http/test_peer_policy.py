"""The settings that apply to one peer."""

from typing import Any

from adapters.http.peer_policy import MOST_REMEMBERED, PeerPolicies, RequestRate
from adapters.http.settings import HttpListenerSettings
from gateway.limits.rate_limit import PeerRateLimit
from gateway.limits.shared import ProcessLimits


def settings(**more: Any) -> HttpListenerSettings:
    """Return the settings of a listener."""
    return HttpListenerSettings.model_validate({"kind": "http", "accepts": "fhir", "port": 0, **more})


def test_the_first_entry_counts() -> None:
    """A peer has the settings of the first entry that its address is in, and the listener's for the rest."""
    lab = {"networks": ["10.0.0.0/8"], "max_body": 5, "max_connections": 2}
    policies = PeerPolicies(settings(peers={"lab": lab, "all": {"networks": ["0.0.0.0/0"], "max_body": 7}}))
    found = policies.of("10.1.1.1")
    assert ("lab", 5, 2, 75) == (found.entry, found.settings.max_body, found.most, found.settings.idle_seconds)
    assert ("all", 7, None) == ((other := policies.of("192.0.2.1")).entry, other.settings.max_body, other.most)
    assert "" == policies.of("2001:db8::1").entry


def test_rate_is_the_listeners() -> None:
    """There is a rate limit only where it is set."""
    peers = {"slow": {"networks": ["10.0.0.0/8"], "messages_per_second": 1}}
    policies = PeerPolicies(settings(peers=peers), ProcessLimits(1 << 20))
    assert None is policies.of("192.0.2.1").rate
    assert None is not policies.of("10.1.1.1").rate


def test_requests_above_the_rate() -> None:
    """A request above the rate is refused with the time until the next one; it does not count."""
    rate = RequestRate(PeerRateLimit(2.0))
    assert [0.0, 0.0] == [rate.take("a", 0.0), rate.take("a", 0.0)]
    assert [0.5, 0.25, 0.0] == [rate.take("a", 0.0), rate.take("a", 0.25), rate.take("a", 0.5)]
    assert 0.0 == rate.take("b", 0.0)


def test_many_peers_above_the_rate() -> None:
    """Peers that may send again are forgotten."""
    rate = RequestRate(PeerRateLimit(1.0))
    for number in range(MOST_REMEMBERED + 1):
        rate.take(str(number), float(number))
    assert MOST_REMEMBERED > len(rate._next)
