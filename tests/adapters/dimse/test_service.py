"""Counting who is connected."""

import asyncio
from typing import cast

import pytest

from adapters.dimse.connection import Connection
from adapters.dimse.service import SPARE_SOCKETS_PER_PEER, Service
from adapters.dimse.settings import DimseListenerSettings
from adapters.dimse.terms import Terms, TermsBook
from gateway.message import Rejection
from tests.adapters.dimse.fakes import KeepingStore, RecordingMeter


def service(meter: RecordingMeter, **limits: object) -> Service:
    """Return a service with *limits*."""
    settings = DimseListenerSettings.model_validate({"port": 0, **limits})
    return Service("modalities", settings, TermsBook(settings), KeepingStore(), meter)


def test_limits(meter: RecordingMeter) -> None:
    """The limit of the listener and that of one address are told apart, and both are given back."""
    counted = service(meter, max_connections=3, max_connections_per_peer=2)
    terms = counted.terms.of("a")
    for peer in ("a", "a"):
        counted.admit(peer, terms)
    assert (Rejection.PEER_LIMIT, None) == (counted.limit_reached("a", terms), counted.limit_reached("b", terms))
    counted.admit("b", terms)
    assert Rejection.CONNECTION_LIMIT is counted.limit_reached("c", terms)
    assert 3 == meter.connections
    counted.dismiss("a", terms)
    assert counted.limit_reached("a", terms) is None
    assert 2 == meter.connections


def test_limit_of_an_entry(meter: RecordingMeter) -> None:
    """The peers of an entry share its limit, whatever their addresses; others do not."""
    counted = service(meter, peers={"ct": {"networks": ["10.0.0.0/8"], "max_connections": 1}})
    usual, special = counted.terms.of("192.0.2.1"), counted.terms.of("10.0.0.1")
    counted.admit("10.0.0.1", special)
    assert Rejection.PEER_LIMIT is counted.limit_reached("10.0.0.2", special)
    assert counted.limit_reached("192.0.2.1", usual) is None
    counted.dismiss("10.0.0.1", special)
    assert counted.limit_reached("10.0.0.2", special) is None


def join(counted: Service, *peers: str) -> list[Connection]:
    """Take up a socket of each of *peers*."""
    joined = []
    for peer in peers:
        joined.append(cast("Connection", object()))
        task = asyncio.get_running_loop().create_task(asyncio.sleep(0))
        counted.join(joined[-1], peer, task)
    return joined


async def test_sockets_of_one_address(meter: RecordingMeter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Silent sockets of one address are bounded apart, so that they keep nobody else out."""
    monkeypatch.setattr("adapters.dimse.service.SPARE_SOCKETS_PER_PEER", 1)
    counted = service(meter, max_connections_per_peer=1)
    first, _ = join(counted, "a", "a")
    assert (Rejection.PEER_LIMIT, None) == (counted.refusal("a"), counted.refusal("b"))
    assert [True, False] == [counted.leave(first, "a"), counted.leave(first, "a")]
    assert counted.refusal("a") is None


async def test_one_address_cannot_take_all_sockets(meter: RecordingMeter) -> None:
    """With the defaults there is room for others beside a flood from one address."""
    counted = service(meter)
    terms = counted.terms.of("a")
    sockets = 0
    while counted.refusal("a") is None:
        join(counted, "a")
        sockets += 1
    assert terms.settings.max_connections_per_peer + SPARE_SOCKETS_PER_PEER == sockets
    assert counted.refusal("b") is None


def test_strangers(meter: RecordingMeter) -> None:
    """An address outside the allowed networks is not even listened to."""
    counted = service(meter, allow_networks=["10.0.0.0/8"])
    assert [None, Rejection.NETWORK] == [counted.refusal(peer) for peer in ("10.0.0.1", "192.0.2.1")]


def test_forgets_addresses(meter: RecordingMeter) -> None:
    """An address that left is not kept."""
    counted = service(meter)
    terms: Terms = counted.terms.of("a")
    counted.admit("a", terms)
    counted.dismiss("a", terms)
    assert {} == counted._associations


def test_sockets_of_an_entry_by_title(meter: RecordingMeter) -> None:
    """Before its title is known, a peer may hold the sockets that the most generous entry for its address allows."""
    peers = {
        "pacs": {"calling_ae_titles": ["PACS"], "max_connections_per_peer": 400},
        "far": {"networks": ["192.0.2.0/24"], "max_connections_per_peer": 900},
    }
    counted = service(meter, max_connections=1000, max_connections_per_peer=50, peers=peers)
    counted._sockets["10.0.0.1"] = 400 + SPARE_SOCKETS_PER_PEER - 1
    assert counted.refusal("10.0.0.1") is None
    counted._sockets["10.0.0.1"] += 1
    assert Rejection.PEER_LIMIT is counted.refusal("10.0.0.1")
