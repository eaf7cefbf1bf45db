"""A whole gateway: start, relay, drain, stop."""

import asyncio
import socket
from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway import app
from gateway.config import loading as config
from gateway.contract.errors import ConfigError
from gateway.sandbox.server import Sandbox
from tests.adapters.dimse.raw_peer import associate_rq
from tests.mllp_client import adt, code_of, mllp_client
from tests.running import relay, running_gateway

UNREACHABLE = 'kind: http, url: "http://127.0.0.1:1/"'  # nobody serves the TCP port service multiplexer


async def get(port: int, path: str) -> tuple[int, str]:
    """Ask the admin port."""
    async with ClientSession() as client, client.get(f"http://127.0.0.1:{port}{path}") as reply:
        return reply.status, await reply.text()


async def test_relay(tmp_path: Path) -> None:
    """A message goes through to the store and the store's ACK comes back; the metrics have counted it."""
    async with Sandbox(tmp_path) as sandbox:
        store = f'kind: hl7v2_store, url: "{sandbox.hl7v2_store_url()}"'
        async with running_gateway(relay("kind: mllp, port: 0", store)) as gateway:
            async with mllp_client(gateway.ports["in"]) as client:
                assert "AA" == code_of(await client.ask(adt("C1")))
            metrics = (await get(gateway.admin_port, "/metrics"))[1]
    assert 'hilum_answers_total{answer="AA",listener="in"} 1.0' in metrics
    assert 'hilum_deliveries_total{destination="out",outcome="stored"} 1.0' in metrics


async def test_limits_are_shared() -> None:
    """What all listeners hold in memory is one sum, against the limit of the configuration."""
    text = relay("kind: mllp, port: 0, message_seconds: 0.2", UNREACHABLE, attempts=1).replace(
        "listeners: {", "max_in_flight_bytes: 1048576\nlisteners: {modalities: {kind: dimse, port: 0}, "
    )
    text = text.replace("destinations: {", 'destinations: {pacs: {kind: dicomweb, url: "http://127.0.0.1:1/"}, ')
    text = text.replace("routes: [", "routes: [{from: modalities, to: pacs}, ")
    async with running_gateway(text) as gateway:
        async with mllp_client(gateway.ports["in"]) as large, mllp_client(gateway.ports["in"]) as second:
            for client in (large, second):
                client.writer.write(b"\x0bMSH|^~\\&|" + b"x" * 2_000_000)
            assert [b"", b""] == [await large.reader.read(), await second.reader.read()]
        metrics = (await get(gateway.admin_port, "/metrics"))[1]
    assert 'hilum_pauses_total{listener="in",reason="memory"} 1.0' in metrics
    assert 'hilum_pauses_total{listener="modalities",reason="memory"} 0.0' in metrics
    assert "hilum_in_flight_bytes 0.0" in metrics


async def test_unreachable_store_does_not_stop_the_start() -> None:
    """With the store down the gateway starts, says so in /readyz and answers AR."""
    async with running_gateway(relay("kind: mllp, port: 0", UNREACHABLE, attempts=1)) as gateway:
        status, text = await get(gateway.admin_port, "/readyz")
        async with mllp_client(gateway.ports["in"]) as client:
            assert "AR" == code_of(await client.ask(adt("C1")))
    assert 200 == status
    assert '"destinations": {"out": "reachable"}' not in text


async def test_unroutable_message_is_refused() -> None:
    """A message that no route takes is answered AR with the reason."""
    text = relay("kind: mllp, port: 0", UNREACHABLE).replace("to: out", 'when: {message_type: "ORU^*"}, to: out')
    async with running_gateway(text) as gateway, mllp_client(gateway.ports["in"]) as client:
        answer = await client.ask(adt("C1"))
    assert "AR" == code_of(answer)
    assert b"no route takes this kind of message" in answer


@pytest.mark.parametrize("place", ["listeners.in", "admin"])
async def test_taken_port_is_named(place: str) -> None:
    """A port that cannot be bound ends the start with its place, the reason and the mend, and leaves nothing bound."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        text = relay("kind: mllp, port: 0", UNREACHABLE)
        text = text.replace("admin: {port: 0}", f"admin: {{port: {port}}}") if place == "admin" else text
        text = text.replace("kind: mllp, port: 0", f"kind: mllp, port: {port}") if place != "admin" else text
        with pytest.raises(ConfigError) as caught:
            await app.run(config.parse(text), asyncio.Event())
    (problem,) = caught.value.problems
    assert problem.startswith(f"{place}: cannot bind 127.0.0.1:{port}: another program has this port already;")
    assert problem.endswith(f"or change {place}.port")


async def test_idle_peers_leave_at_once() -> None:
    """An idle peer does not delay the end."""
    async with running_gateway(relay("kind: mllp, port: 0", UNREACHABLE)) as gateway:
        client = mllp_client(gateway.ports["in"])
        idle = await client.__aenter__()
    assert b"" == await idle.reader.read()
    await client.__aexit__(None, None, None)


async def test_cancelled() -> None:
    """A gateway that is cancelled lets its ports go."""
    stop = asyncio.Event()
    started: asyncio.Future[app.Running] = asyncio.get_running_loop().create_future()
    text = relay("kind: mllp, port: 0", UNREACHABLE)
    task = asyncio.create_task(app.run(config.parse(text), stop, started.set_result))
    port = (await started).ports["in"]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


@pytest.mark.parametrize("kind", ["mllp", "dimse"])
async def test_every_address(kind: str) -> None:
    """A listener at ``::`` lets peers of IPv4 in, and knows them by their own address."""
    allowed = 'host: "::", port: 0, allow_networks: ["127.0.0.0/8"]'
    store = "http" if kind == "mllp" else "dicomweb"
    try:
        running = running_gateway(relay(f"kind: {kind}, {allowed}", f'kind: {store}, url: "http://127.0.0.1:1/"'))
        async with running as gateway, mllp_client(gateway.ports["in"]) as client:
            if kind == "mllp":
                assert "AR" == code_of(await client.ask(adt("C1")))
            else:
                client.writer.write(associate_rq())
                assert b"\2" == await client.reader.readexactly(1)  # A-ASSOCIATE-AC
    except* ConfigError as group:
        if "Address family not supported" in str(group.exceptions) or "Cannot assign" in str(group.exceptions):
            pytest.skip("this machine has no IPv6")
        raise
