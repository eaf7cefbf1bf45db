"""A whole gateway whose ports and stores speak TLS."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from gateway import app
from gateway.config import loading as config
from gateway.contract.errors import ConfigError
from tests.certificates import Authority, Pair
from tests.mllp_client import adt, code_of, mllp_client
from tests.processes import serving
from tests.running import relay, running_gateway

NO_STORE = 'kind: http, url: "http://127.0.0.1:1/"'


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Make a CA."""
    return Authority(tmp_path)


def files(pair: Pair, ca: Path | None = None, setting: str = "client_ca_file") -> str:
    """Return the flow YAML of TLS settings."""
    return json.dumps(
        {"certificate_file": str(pair.certificate), "key_file": str(pair.key), **({setting: str(ca)} if ca else {})}
    )


def listener(pair: Pair, ca: Path | None = None) -> str:
    """Return the flow YAML of a listener with TLS, which demands certificates where there is a *ca*."""
    tls = files(pair, ca)
    return f"kind: mllp, port: 0, tls: {tls[:-1] + (', client_auth: required}' if ca else '}')}"


@asynccontextmanager
async def https_store(context: ssl.SSLContext) -> AsyncIterator[tuple[str, list[str]]]:
    """Serve a store that takes everything; yield its address and the names of the peers that came."""
    names: list[str] = []

    async def take(request: web.Request) -> web.Response:
        assert request.transport is not None
        certificate = request.transport.get_extra_info("peercert")
        names.append(dict(part[0] for part in certificate["subject"])["commonName"] if certificate else "nobody")
        return web.Response()

    application = web.Application()
    application.router.add_post("/", take)
    server = TestServer(application, scheme="https")
    await server.start_server(ssl=context)
    try:
        yield str(server.make_url("/")), names
    finally:
        await server.close()


async def ask(port: int, context: ssl.SSLContext | None, name: str = "C1") -> str:
    """Return the code of the answer to a message on a new connection."""
    async with mllp_client(port, context) as client:
        return code_of(await client.ask(adt(name)))


async def metrics(gateway: app.Running) -> str:
    """Return what the admin port shows."""
    async with ClientSession() as client, client.get(f"http://127.0.0.1:{gateway.admin_port}/metrics") as reply:
        return await reply.text()


async def test_relay(authority: Authority) -> None:
    """A message goes from a peer with a certificate to a store that demands one of the gateway."""
    pair, hilum = authority.issue("server"), authority.issue("hilum", key=2)
    async with https_store(authority.server(pair, demand=True)) as (url, names):
        store = f'kind: http, url: "{url}", accept_empty: true, tls: {files(hilum, authority.certificate, "ca_file")}'
        async with running_gateway(relay(listener(pair, authority.certificate), store)) as gateway:
            assert "AA" == await ask(gateway.ports["in"], authority.client(hilum))
            shown = await metrics(gateway)
    assert ["hilum"] == names
    assert 'hilum_listener_encrypted{listener="in"} 1.0' in shown
    assert 'hilum_certificate_expiry_seconds{listener="in"} ' in shown
    assert 'hilum_rejections_total{listener="in",reason="tls_handshake"} 0.0' in shown


async def test_store_of_another_ca(authority: Authority, tmp_path: Path) -> None:
    """A store whose certificate the pinned CA has not issued gets nothing."""
    other = Authority(tmp_path, "other CA")
    async with https_store(authority.server(authority.issue("server"))) as (url, names):
        store = f'kind: http, url: "{url}", tls: {{ca_file: "{other.certificate}"}}'
        async with running_gateway(relay("kind: mllp, port: 0", store, attempts=1)) as gateway:
            assert "AR" == await ask(gateway.ports["in"], None)
    assert [] == names


async def test_renewed_certificate(authority: Authority, tmp_path: Path) -> None:
    """New handshakes see the new certificate; the connection that was there goes on, and nothing was restarted."""
    pair = authority.issue("server")
    async with running_gateway(relay(listener(pair), NO_STORE, attempts=1)) as gateway:
        port = gateway.ports["in"]
        async with mllp_client(port, authority.client()) as before:
            assert "AR" == code_of(await before.ask(adt("C1")))
            renewed = Authority(tmp_path, "hospital CA")  # with the same files
            renewed.issue("server", key=2)
            async with mllp_client(port, renewed.client()) as after:
                assert "AR" == code_of(await after.ask(adt("C2")))
                certificates = [
                    each.writer.get_extra_info("ssl_object").getpeercert(binary_form=True) for each in (before, after)
                ]
            assert "AR" == code_of(await before.ask(adt("C3")))
    assert certificates[0] != certificates[1]


async def test_broken_renewal(authority: Authority) -> None:
    """A broken file changes nothing for peers; it is logged and counted."""
    pair = authority.issue("server")
    async with running_gateway(relay(listener(pair), NO_STORE, attempts=1)) as gateway:
        pair.certificate.write_text("")
        with capture_logs() as logs:
            assert "AR" == await ask(gateway.ports["in"], authority.client())
        shown = await metrics(gateway)
    assert 'hilum_tls_reload_failures_total{place="listeners.in.tls"} 1.0' in shown
    assert "tls_files_not_reloaded" in [each["event"] for each in logs]


async def test_client_ca_taken_away(authority: Authority, tmp_path: Path) -> None:
    """After a change of the CA file its former CA keeps nobody in: new handshakes need a certificate of the new one."""
    pair, peer = authority.issue("server"), authority.issue("peer", key=2)
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(authority.certificate.read_bytes())
    async with running_gateway(relay(listener(pair, trusted), NO_STORE, attempts=1)) as gateway:
        assert "AR" == await ask(gateway.ports["in"], authority.client(peer))
        (tmp_path / "elsewhere").mkdir()
        other = Authority(tmp_path / "elsewhere", "new CA")
        trusted.write_bytes(other.certificate.read_bytes())
        with pytest.raises((asyncio.IncompleteReadError, OSError)):
            await ask(gateway.ports["in"], authority.client(peer))
        newcomer = authority.client(other.issue("newcomer", key=2))
        assert "AR" == await ask(gateway.ports["in"], newcomer)


async def test_warning() -> None:
    """A listener that others can reach in the clear is warned of at the start, one on the loopback address is not."""
    for host, expected in (("0.0.0.0", ["in"]), ("127.0.0.1", [])):
        with capture_logs() as logs:
            async with running_gateway(relay(f'kind: mllp, port: 0, host: "{host}"', NO_STORE)) as gateway:
                shown = await metrics(gateway)
        assert expected == [each["listener"] for each in logs if each["event"] == "listener_not_encrypted"]
        assert 'hilum_listener_encrypted{listener="in"} 0.0' in shown


async def test_admin_port(authority: Authority, tmp_path: Path) -> None:
    """Beyond this machine the admin port speaks TLS and asks for the token, and answers who shows it."""
    token = tmp_path / "token"
    token.write_text("0123456789abcdef")
    tls = files(authority.issue("admin"))
    text = relay("kind: mllp, port: 0", NO_STORE).replace(
        "admin: {port: 0}", f'admin: {{host: 0.0.0.0, port: 0, token_file: "{token}", tls: {tls}}}'
    )
    with capture_logs() as logs:
        async with running_gateway(text) as gateway, ClientSession() as client:
            url, context = f"https://127.0.0.1:{gateway.admin_port}", authority.client()
            seen = []
            for path, headers in (
                ("/livez", {}),
                ("/readyz", {}),
                ("/metrics", {}),
                ("/metrics", {"Authorization": "Bearer 0123456789abcdef"}),
            ):
                async with client.get(url + path, headers=headers, ssl=context) as reply:
                    seen.append((reply.status, (await reply.text())[:20]))
    assert [200, 200, 401, 200] == [status for status, _ in seen]
    assert '{"state": "ready"}' == seen[1][1]
    assert "admin_not_encrypted" not in [each["event"] for each in logs]


async def test_admin_port_in_the_clear(tmp_path: Path) -> None:
    """A token that others could listen to is warned of at the start."""
    token = tmp_path / "token"
    token.write_text("0123456789abcdef")
    text = relay("kind: mllp, port: 0", NO_STORE).replace(
        "admin: {port: 0}", f'admin: {{host: 0.0.0.0, port: 0, token_file: "{token}"}}'
    )
    with capture_logs() as logs:
        async with running_gateway(text):
            pass
    assert "admin_not_encrypted" in [each["event"] for each in logs]


async def test_bad_file(authority: Authority) -> None:
    """A bad file ends the start with its place."""
    pair = authority.issue("server")
    pair.key.write_text("")
    with pytest.raises(ConfigError, match=r"^listeners\.in\.tls\.key_file: "):
        await app.run(config.parse(relay(listener(pair), NO_STORE)), asyncio.Event())


@pytest.mark.slow
async def test_workers(authority: Authority, tmp_path: Path) -> None:
    """Every worker speaks TLS, and the supervisor's admin port demands its token."""
    token = tmp_path / "token"
    token.write_text("0123456789abcdef")
    text = relay(listener(authority.issue("server")), NO_STORE, attempts=1) + "workers: 2\n"
    text = text.replace("admin: {port: 0}", f'admin: {{port: 0, token_file: "{token}"}}')
    async with serving(tmp_path, text) as (process, ports):
        assert ["AR"] * 10 == [await ask(ports["in"], authority.client(), f"C{number}") for number in range(10)]
        async with asyncio.timeout(60):
            while not (found := [each for each in process.events if "workers" in each and "ports" in each]):
                await asyncio.sleep(0.02)
        url = f"http://127.0.0.1:{found[0]['admin_port']}"
        async with ClientSession() as client:
            async with client.get(f"{url}/metrics") as reply:
                assert 401 == reply.status
            async with client.get(f"{url}/metrics", headers={"Authorization": "Bearer 0123456789abcdef"}) as reply:
                assert 'hilum_listener_encrypted{listener="in"} 1.0' in await reply.text()
