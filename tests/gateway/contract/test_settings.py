"""What all listeners' settings have in common."""

import pytest
from pydantic import ValidationError

from gateway.contract.settings import ListenerSettings, PeerLimits, PeerSettings, is_within

WITHIN = {
    "inside": ("10.1.2.3", True),
    "outside": ("10.2.0.1", False),
    "IPv6": ("2001:db8::1", True),
    "another IPv6": ("2001:db9::1", False),
    "IPv4 at a socket for both": ("::ffff:10.1.0.9", True),
    "with a scope": ("fe80::1%eth0", False),
    "no address": ("unknown", False),
    "nothing": ("", False),
}
SETTINGS = ListenerSettings.model_validate({"port": 0, "allow_networks": ["10.1.0.0/16", "2001:db8::/32"]})


@pytest.mark.parametrize(("address", "allowed"), WITHIN.values(), ids=WITHIN)
def test_allows(address: str, allowed: bool) -> None:
    """An address is allowed when it lies in one of the networks."""
    assert allowed is SETTINGS.allows(address)
    assert ListenerSettings(port=0).allows(address)


def test_nobody() -> None:
    """An empty list allows nobody."""
    assert not ListenerSettings(port=0, allow_networks=()).allows("127.0.0.1")


@pytest.mark.parametrize("network", ["10.0.0.1/8", "10.0.0.0/33", "hospital", ""])
def test_no_network(network: str) -> None:
    """What is no network is refused before anything starts; one with host bits set is a likely slip."""
    with pytest.raises(
        ValidationError,
        match=r"is no network; write such as|; write 10\.0\.0\.0/8 for all",
    ):
        ListenerSettings.model_validate({"port": 0, "allow_networks": [network]})


def test_address_as_network() -> None:
    """A single address is a network of one."""
    settings = ListenerSettings.model_validate({"port": 0, "allow_networks": ["10.1.2.3"]})
    assert [True, False] == [settings.allows(address) for address in ("10.1.2.3", "10.1.2.4")]
    assert settings.allow_networks is not None
    assert is_within("10.1.2.3", settings.allow_networks)


def test_only_what_is_given_is_replaced() -> None:
    """Neither the defaults of an entry nor what says whom it is for replace the listener's."""

    class Peer(PeerSettings, PeerLimits):
        pass

    peer = Peer.model_validate({"networks": ["10.0.0.0/8"], "max_connections": 1, "idle_seconds": 5})
    listener = ListenerSettings(port=1, message_seconds=7, idle_seconds=9)
    assert listener.model_copy(update={"idle_seconds": 5}) == listener.replaced_by(peer)


@pytest.mark.parametrize(("rate", "octets", "seconds"), [(100, 0, 60), (100, 1000, 70), (0, 1000, float("inf"))])
def test_patience(rate: float, octets: int, seconds: float) -> None:
    """A message may take message_seconds and what it needs at the least rate; without one, for ever."""
    settings = ListenerSettings(port=0, message_seconds=60, min_bytes_per_second=rate)
    assert seconds == settings.longest_seconds(octets)


def test_most_per_peer() -> None:
    """Who a peer is may show only later: until then it has what the most generous of its possible entries allows."""

    class Entry(PeerSettings, PeerLimits):
        """An entry of ``peers``, as the protocols have it."""

    generous, silent = Entry(max_connections_per_peer=400), Entry()
    assert 400 == SETTINGS.most_per_peer([silent, generous])
    assert SETTINGS.max_connections_per_peer == SETTINGS.most_per_peer([silent])
    assert SETTINGS.max_connections_per_peer == SETTINGS.most_per_peer([])
