"""Incidents 1 to 3 and 8: nobody listens, a firewall drops, a name has no address, TLS meets plain HTTP."""

import asyncio
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from tests.certificates import Authority
from tests.incidents.staging import Told, settings, staged
from tests.incidents.stores import LISTENERS, ROUTES, Store, results
from tests.ports import free_port
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.slow, pytest.mark.timeout(900)]
AFTERWARDS = "Hilum delivers by itself when it works again."
CODES = {"lab": "AA", "live": "AR"}
"""What the sender is told while the store is away."""


@pytest.mark.parametrize("listener", CODES)
async def test_1_process_is_down(tmp_path: Path, listener: str) -> None:
    """The host of the store answers, but nothing listens; then it is started again. In relay mode a probe finds out."""
    store = Store()
    told = Told(
        "connection_refused",
        "results",
        "store",
        f"Nothing listens at 127.0.0.1:{store.port}: its host answers, the service is down.",
        f"Start the service of results, or call its owner. {AFTERWARDS}",
        ("Messages do not reach results", "Call Records on-call, 4411"),
    )
    async with staged(tmp_path, settings(tmp_path, LISTENERS, results(store.url), ROUTES)) as stage:
        async with store.up():
            assert "AA" == await stage.message(listener, "C1")
            await stage.is_as_usual()
        assert CODES[listener] == await stage.message(listener, "C2")
        await stage.tells(told)
        async with store.up():
            await stage.is_as_usual()
            await stage.has_logged_once(told)
            assert (2 if listener == "lab" else 1) == len(store.taken)


async def test_1_with_two_workers(tmp_path: Path) -> None:
    """Each worker sees some of the failures and one of them the success; together they make one case."""
    store = Store()
    told = Told(
        "connection_refused",
        "results",
        "store",
        f"Nothing listens at 127.0.0.1:{store.port}: its host answers, the service is down.",
        f"Start the service of results, or call its owner. {AFTERWARDS}",
    )
    text = settings(tmp_path, LISTENERS, results(store.url), ROUTES, "workers: 2")
    async with staged(tmp_path, text) as stage:
        for number in range(6):
            assert "AA" == await stage.message("lab", f"C{number}")
            assert "AR" == await stage.message("live", f"L{number}")
        await stage.tells(told)
        async with store.up():
            await stage.is_as_usual()
            await stage.has_logged_once(told)
            assert 6 == len(store.taken)


@contextmanager
def firewall(port: int) -> Iterator[None]:
    """Let a port drop whatever comes: its queue of new connections is full, and nobody takes one."""
    with socket.create_server(("127.0.0.1", port), backlog=0):
        filling = [socket.socket() for _ in range(4)]
        for each in filling:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        yield
        for each in filling:
            each.close()


async def test_2_firewall_drops(tmp_path: Path) -> None:
    """Nothing comes back from the store's address, not even a refusal."""
    store = Store()
    told = Told(
        "no_connection",
        "results",
        "network",
        f"No answer from 127.0.0.1:{store.port} for 5 s: a firewall drops what is sent, or the host is off.",
        f"Call the network's owner; ask whether the host of results is on. {AFTERWARDS}",
        ("1 message waits here, safe",),
    )
    async with staged(tmp_path, settings(tmp_path, LISTENERS, results(store.url), ROUTES)) as stage:
        with firewall(store.port):
            assert "AA" == await stage.message("lab", "C1")
            await stage.tells(told)
        async with store.up():
            await stage.is_as_usual()
            await stage.has_logged_once(told)


def own_names(tmp_path: Path, sources: str) -> tuple[Path, tuple[str, ...]]:
    """Return a file of host names, and what starts Python so that names are in *sources* only, and no DNS answers."""
    hosts, switch, resolver = tmp_path / "hosts", tmp_path / "nsswitch.conf", tmp_path / "resolv.conf"
    hosts.write_text("127.0.0.1 localhost\n")
    switch.write_text(f"hosts: {sources}\n")
    resolver.write_text("nameserver 127.255.255.254\n")
    mounts = {hosts: "/etc/hosts", switch: "/etc/nsswitch.conf", resolver: "/etc/resolv.conf"}
    mount = " && ".join(f"mount --bind {ours} {theirs}" for ours, theirs in mounts.items())
    try:
        subprocess.run(["unshare", "--mount", "sh", "-c", mount], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this user may not mount in a name space of its own")
    return hosts, ("unshare", "--mount", "sh", "-c", f'{mount} && exec "$0" "$@"', sys.executable)


NAMES = {
    "files": (
        "DNS has no address for pacs.example.",
        "Check the name in destinations.results.url for a typing error; if it is right, call the owner of DNS.",
    ),
    "files dns": (
        "DNS does not answer when it is asked for pacs.example.",
        "Call the owner of DNS, or of the network to it; this machine cannot look up pacs.example.",
    ),
}


@pytest.mark.parametrize("sources", NAMES)
async def test_3_name_does_not_resolve(tmp_path: Path, sources: str) -> None:
    """The name of the store has no address, or nobody answers what it is; then DNS is mended."""
    hosts, python = own_names(tmp_path, sources)
    store = Store()
    told = Told("name_unknown", "results", "network", *NAMES[sources])
    url = store.url.replace("127.0.0.1", "pacs.example")
    text = settings(tmp_path, LISTENERS, results(url), ROUTES)
    async with store.up(), staged(tmp_path, text, python=python) as stage:
        assert "AA" == await stage.message("lab", "C1")
        await stage.tells(told)
        with hosts.open("a") as file:
            file.write("127.0.0.1 pacs.example\n")
        await stage.is_as_usual()
        await stage.has_logged_once(told)


@asynccontextmanager
async def nginx(folder: Path, port: int, authority: Authority) -> AsyncIterator[None]:
    """Run the real nginx with TLS on *port*."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    if program is None:
        pytest.skip("nginx is not installed; `make peers` installs it")
    pair = authority.issue("nginx")
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; error_log stderr; pid {folder}/pid; events {{}}\n"
        f"http {{ access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};"
        f" uwsgi_temp_path {folder}; scgi_temp_path {folder};"
        f" server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {pair.certificate}; ssl_certificate_key {pair.key};"
        " location / { return 204; } } }\n"
    )
    process = await asyncio.create_subprocess_exec(
        program, "-c", folder / "nginx.conf", "-p", folder, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await until(lambda: accepts(port))
        yield
    finally:
        process.terminate()
        await process.wait()


def accepts(port: int) -> bool:
    """Whether somebody listens at *port*."""
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0


async def test_8_store_speaks_tls(tmp_path: Path) -> None:
    """Hilum sends plain HTTP to a port of nginx with TLS; then the store offers plain HTTP there."""
    store = Store(port=free_port())
    told = Told(
        "speaks_tls",
        "results",
        "here",
        f"127.0.0.1:{store.port}/ speaks TLS, and we do not.",
        "Write https:// in destinations.results.url",
    )
    async with staged(tmp_path, settings(tmp_path, LISTENERS, results(store.url), ROUTES)) as stage:
        async with nginx(tmp_path, store.port, Authority(tmp_path)):
            assert "AA" == await stage.message("lab", "C1")
            await stage.tells(told)
        async with store.up():
            await stage.is_as_usual()
            await stage.has_logged_once(told)


async def test_8_store_speaks_no_tls(tmp_path: Path) -> None:
    """Hilum shakes hands with a port of plain HTTP; then the store offers TLS there."""
    authority = Authority(tmp_path)
    plain = Store()
    secure = Store(authority.server(authority.issue("store")), plain.port)
    told = Told(
        "speaks_no_tls",
        "results",
        "here",
        f"127.0.0.1:{plain.port} does not speak TLS, and we do.",
        "Correct the port or the scheme in destinations.results.url. Without TLS the messages are readable on the ",
    )
    destination = results(secure.url, f"tls: {{ca_file: {authority.certificate}}}")
    async with staged(tmp_path, settings(tmp_path, LISTENERS, destination, ROUTES)) as stage:
        async with plain.up():
            assert "AA" == await stage.message("lab", "C1")
            await stage.tells(told)
        async with secure.up():
            await stage.is_as_usual()
            await stage.has_logged_once(told)
