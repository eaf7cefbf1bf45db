"""Binding and stopping."""

import asyncio
import socket

import pytest

from adapters.mllp.listener import MllpListener, bind
from adapters.mllp.settings import MllpListenerSettings
from gateway.contract.listener import Listener
from tests.adapters.mllp.conftest import Serve
from tests.adapters.mllp.fakes import FakeDelivery, FakeMeter
from tests.mllp_client import adt, code_of, mllp_client


async def test_it_is_a_listener(serve: Serve) -> None:
    """It has a name, the port it got, and what the composition root needs to drain it."""
    listener: Listener = await serve()
    assert isinstance(listener, MllpListener)
    assert "adt" == listener.name
    assert 0 < listener.port < 65536
    assert set() == listener.tasks


async def test_many_peers(serve: Serve, meter: FakeMeter) -> None:
    """Peers are served side by side, one task each."""
    listener = await serve()

    async def peer(number: int) -> list[str]:
        async with mllp_client(listener.port) as client:
            return [code_of(await client.ask(adt(f"{number}.{turn}"))) for turn in range(5)]

    codes = await asyncio.gather(*(peer(number) for number in range(40)))
    assert [["AA"] * 5] * 40 == codes
    assert 40 == meter.ever_connected


async def test_port_taken(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A port in use raises an OSError that names the reason."""
    listener = await serve()
    with pytest.raises(OSError, match="address already in use"):
        await bind("second", MllpListenerSettings(kind="mllp", port=listener.port), delivery, meter)


async def test_sockets_that_listen_already(delivery: FakeDelivery, meter: FakeMeter) -> None:
    """Peers come in on every socket that is given, until the listener stops."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    ports = [each.getsockname()[1] for each in sockets]
    listener = await bind("adt", MllpListenerSettings(kind="mllp", port=1), delivery, meter, sockets=sockets)
    for port in ports:
        async with mllp_client(port) as client:
            assert "AA" == code_of(await client.ask(adt("C1")))
    listener.stop_accepting()
    await asyncio.sleep(0)
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)


async def test_stop_twice(serve: Serve) -> None:
    """Stopping again does nothing."""
    listener = await serve()
    listener.stop_accepting()
    listener.stop_accepting()


async def test_the_port_is_free_afterwards(serve: Serve) -> None:
    """The address can be bound again as soon as the listener has stopped, its last connection just closed."""
    listener = await serve()
    async with mllp_client(listener.port) as client:
        await client.ask(adt("C1"))
        listener.stop_accepting()
        await asyncio.wait(listener.tasks, timeout=10)
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", listener.port))
