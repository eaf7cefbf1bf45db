"""Binding, draining and cutting off."""

import asyncio
import socket

import pytest

from adapters.dimse.listener import DimseListener, bind
from adapters.dimse.settings import DimseListenerSettings
from gateway.contract.listener import Listener
from gateway.contract.meter import Rejection
from tests.adapters.dimse.conftest import Connect, Listen
from tests.adapters.dimse.fakes import KeepingStore, RecordingMeter, StuckStore, until
from tests.adapters.dimse.raw_peer import RELEASE_RP, RELEASE_RQ, RawPeer, associate_rq, store_rq

DATA = bytes(1000)
ASSOCIATE_AC = b"\x02"  # PS3.8 9.3.3
ABORT_BY_USER = bytes.fromhex("07000000000400000000")


async def gone(listener: DimseListener) -> None:
    """Wait until every peer is."""
    async with asyncio.timeout(60):
        await asyncio.gather(*listener.tasks, return_exceptions=True)


async def test_contract(listen: Listen) -> None:
    """The listener has the interface that the gateway expects, and knows its port."""
    listener: Listener = await listen()
    assert listener.port > 0
    assert set() == listener.tasks


async def test_many_at_once(listen: Listen) -> None:
    """Three hundred connect while the loop is busy, and none has to try again, which takes a second."""
    listener = await listen()
    sockets = [socket.create_connection(("127.0.0.1", listener.port), timeout=0.9) for _ in range(300)]
    for each in sockets:
        each.close()


async def test_port_taken(listen: Listen, meter: RecordingMeter, store: KeepingStore) -> None:
    """A port in use raises an error from which the caller can make a message."""
    port = (await listen()).port
    with pytest.raises(OSError, match="address already in use"):
        await bind("second", DimseListenerSettings(port=port), store, meter)


async def test_sockets_that_listen_already(meter: RecordingMeter, store: KeepingStore) -> None:
    """Peers come in on every socket that is given, until the listener stops."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    ports = [each.getsockname()[1] for each in sockets]
    listener = await bind("first", DimseListenerSettings(port=1), store, meter, sockets=sockets)
    for port in ports:
        peer = await RawPeer.connect(port)
        assert (await peer.associate()).startswith(ASSOCIATE_AC)
        peer.vanish()
    await gone(listener)
    listener.stop_accepting()
    await asyncio.sleep(0)
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)


async def test_idle_peers_leave_at_once(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """An idle association is aborted by the service user, which requestors take for what it is."""
    listener = await listen()
    peer = await connect(listener)
    await peer.associate()
    listener.stop_accepting()
    assert ABORT_BY_USER == await peer.receive()
    peer.vanish()
    await gone(listener)
    assert ([], 0) == (meter.rejections, meter.connections)


async def test_busy_peers_leave_after_their_answer(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """An instance in flight is finished and answered, and the peer may release."""
    stuck = StuckStore(chunks=2)
    listener = await listen(stuck)
    peer = await connect(listener)
    await peer.associate()
    wire = store_rq(DATA)
    await peer.send(wire[:-300])
    await stuck.is_reached.wait()
    listener.stop_accepting()
    stuck.go_on.set()
    await peer.send(wire[-300:])
    assert 0 == await peer.status()
    await peer.send(RELEASE_RQ)
    assert RELEASE_RP == await peer.receive()
    peer.vanish()
    await gone(listener)
    assert (["0000"], []) == (meter.answers, meter.rejections)


@pytest.mark.parametrize("goes_on", [True, False], ids=["the next instance", "silence"])
async def test_busy_peers_do_not_stay(listen: Listen, connect: Connect, meter: RecordingMeter, goes_on: bool) -> None:
    """After its answer a peer is aborted when it goes on, or when it does not release within a moment."""
    stuck = StuckStore(chunks=1)
    listener = await listen(stuck, artim_seconds=1)
    peer = await connect(listener)
    await peer.associate()
    await peer.send(store_rq(DATA))
    await stuck.is_reached.wait()
    listener.stop_accepting()
    stuck.go_on.set()
    assert 0 == await peer.status()
    if goes_on:
        await peer.send(store_rq(DATA, uid="1.2.4"))
    assert ABORT_BY_USER == await peer.receive()
    assert b"" == await peer.receive()
    await gone(listener)
    assert (["0000"], 1) == (meter.answers, len(meter.sizes))


async def test_request_while_draining(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """A peer that was connected and asks too late is rejected for congestion: it may come again."""
    listener = await listen()
    peer = await connect(listener)
    await peer.send(associate_rq()[:50])
    await until(lambda: listener.tasks)
    listener.stop_accepting()
    await peer.send(associate_rq()[50:])
    assert bytes((0, 2, 3, 1)) == (await peer.receive())[-4:]
    assert [Rejection.CONNECTION_LIMIT] == meter.rejections


async def test_no_new_peers_while_draining(listen: Listen, connect: Connect) -> None:
    """The port is unbound."""
    listener = await listen()
    listener.stop_accepting()
    with pytest.raises(ConnectionError):
        await connect(listener)


async def test_cut_off(listen: Listen, connect: Connect, meter: RecordingMeter) -> None:
    """Cancelling a task aborts the association and tears down the half-sent request; no answer is made up."""
    stuck = StuckStore(chunks=1)
    listener = await listen(stuck)
    peer = await connect(listener)
    await peer.associate()
    await peer.send(store_rq(DATA))
    await stuck.is_reached.wait()
    listener.stop_accepting()
    for task in listener.tasks:
        task.cancel()
    await gone(listener)
    assert stuck.is_cancelled.is_set()
    assert ABORT_BY_USER == await peer.receive()
    assert ([], 0) == (meter.answers, meter.connections)
