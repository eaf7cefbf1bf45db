"""An association whose transport speaks TLS."""

import asyncio
import socket
import ssl
from pathlib import Path

import pytest
from pynetdicom import AE

from gateway.contract.listener import TlsAcceptor
from gateway.contract.meter import Rejection
from tests.adapters.dimse.fakes import KeepingStore, RecordingMeter, StuckStore, serving, until
from tests.adapters.dimse.raw_peer import CT, VERIFICATION, RawPeer, echo_rq, store_rq
from tests.adapters.tls_acceptors import tls_acceptor_of
from tests.certificates import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Make a CA."""
    return Authority(tmp_path)


@pytest.fixture
def tls_acceptor(authority: Authority) -> TlsAcceptor:
    """Make the TLS acceptor in front of the listener."""
    return tls_acceptor_of(authority)


async def connect(port: int, authority: Authority) -> RawPeer:
    """Connect a raw peer over TLS."""
    return RawPeer(*await asyncio.open_connection("127.0.0.1", port, ssl=authority.client()))


async def write_slowly(writer: asyncio.StreamWriter, data: bytes) -> None:
    """Write each piece of *data* when there is room for it."""
    for start in range(0, len(data), 65536):
        writer.write(data[start : start + 65536])
        await writer.drain()


async def test_pynetdicom(
    tls_acceptor: TlsAcceptor, authority: Authority, store: KeepingStore, meter: RecordingMeter
) -> None:
    """Another implementation's requestor is answered over TLS."""

    def echo(port: int) -> int:
        requestor = AE()
        requestor.add_requested_context(VERIFICATION)
        association = requestor.associate(
            "127.0.0.1", port, ae_title="HILUM", tls_args=(authority.client(), "localhost")
        )
        assert association.is_established
        status = int(association.send_c_echo().Status)
        association.release()
        return status

    async with serving(store, meter, tls_acceptor=tls_acceptor) as listener:
        assert 0 == await asyncio.to_thread(echo, listener.port)
    assert [] == meter.rejections


@pytest.mark.parametrize("is_early", [False, True], ids=["request later", "request at once"])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_versions(
    tls_acceptor: TlsAcceptor,
    authority: Authority,
    store: KeepingStore,
    meter: RecordingMeter,
    version: ssl.TLSVersion,
    is_early: bool,
) -> None:
    """The last message of the handshake goes out before the association, whichever side sends it in that version."""
    context = authority.client()
    context.minimum_version = context.maximum_version = version
    async with serving(store, meter, tls_acceptor=tls_acceptor) as listener:
        async with asyncio.timeout(60):
            peer = RawPeer(*await asyncio.open_connection("127.0.0.1", listener.port, ssl=context))
        if not is_early:
            await until(lambda: listener._service.connections)
        assert 2 == (await peer.associate())[0]
        for _ in range(2):
            await peer.send(store_rq(b"\0" * 1_000_000))
            assert 0 == await peer.status()
        peer.vanish()
    assert ["0000"] * 2 == meter.answers


async def test_peer_that_does_not_read(tls_acceptor: TlsAcceptor, authority: Authority, meter: RecordingMeter) -> None:
    """A peer that asks over TLS and reads no answers is not read either, and is cut off after write_seconds."""
    async with serving(KeepingStore(), meter, tls_acceptor=tls_acceptor, write_seconds=0.3) as listener:
        peer = await connect(listener.port, authority)
        await peer.associate()
        peer.writer.transport.pause_reading()  # type: ignore[attr-defined]

        async def flood() -> None:
            while True:
                await peer.send(echo_rq() * 1000)

        with pytest.raises(ConnectionError):
            await asyncio.wait_for(flood(), 30)
        peer.vanish()
    assert Rejection.WRITE_TIMEOUT in meter.rejections


async def test_socket_options(
    tls_acceptor: TlsAcceptor, authority: Authority, store: KeepingStore, meter: RecordingMeter
) -> None:
    """The socket below TLS is tuned like any other."""
    async with serving(store, meter, tls_acceptor=tls_acceptor) as listener:
        peer = await connect(listener.port, authority)
        await until(lambda: listener._service.connections)
        (connection,) = listener._service.connections
        assert connection._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert connection._socket.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        peer.vanish()


async def test_back_pressure(tls_acceptor: TlsAcceptor, authority: Authority, meter: RecordingMeter) -> None:
    """A store that does not take an instance slows the peer down through TLS, and memory stays flat."""
    stuck = StuckStore()
    async with serving(stuck, meter, tls_acceptor=tls_acceptor, window_bytes=65536) as listener:
        peer = await connect(listener.port, authority)
        await peer.associate()
        request = store_rq(b"\0" * 20_000_000, max_pdu=100_000)
        sending = asyncio.create_task(write_slowly(peer.writer, request))
        await stuck.is_reached.wait()
        await asyncio.sleep(0.1)
        (connection,) = listener._service.connections
        assert connection._delivery.instance is not None
        assert connection._delivery.instance.body.received < 2_000_000
        assert not sending.done()
        stuck.go_on.set()
        await until(lambda: meter.answers)
        await sending
        peer.vanish()
    assert ["0000"] == meter.answers


async def test_goodbye_inside_an_instance(
    tls_acceptor: TlsAcceptor, authority: Authority, meter: RecordingMeter
) -> None:
    """A peer that ends TLS in the middle of an instance is lost, and its instance void."""
    stuck = StuckStore()
    async with serving(stuck, meter, tls_acceptor=tls_acceptor) as listener:
        peer = await connect(listener.port, authority)
        await peer.associate()
        peer.writer.write(store_rq(b"\0" * 100_000, sop=CT)[:50_000])
        await stuck.is_reached.wait()
        peer.writer.close()
        await stuck.is_cancelled.wait()
        await until(lambda: not listener.tasks)
    assert [Rejection.PEER_LOST] == meter.rejections
