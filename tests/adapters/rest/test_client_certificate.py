"""A store that does not accept our TLS certificate: in TLS 1.3 it says so only after the handshake."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.rest.connecting.dialer import Trust
from adapters.rest.connecting.failures import CERTIFICATE_REFUSED, WANTS_CERTIFICATE
from adapters.rest.http.client import Client
from adapters.rest.settings import RestSettings
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.outcome import Unavailable
from gateway.contract.outlook import Outlook
from tests.certificates import Authority

ALERTS = {
    "none": Diagnosis(Cause.CERTIFICATE_WANTED, {"alert": "certificate_required"}),
    "expired": Diagnosis(Cause.CERTIFICATE_REFUSED, {"alert": "certificate_expired"}),
    "of another authority": Diagnosis(Cause.CERTIFICATE_REFUSED, {"alert": "unknown_ca"}),
}


def refuse(listening: socket.socket, context: ssl.SSLContext) -> None:
    """Be a store that ends each handshake with an alert and, as servers do, hears out what is sent behind it."""
    with suppress(OSError):
        while True:
            connected, _ = listening.accept()
            with connected, connected.dup() as beside:
                with suppress(ssl.SSLError):
                    context.wrap_socket(connected, server_side=True)
                with suppress(OSError):
                    beside.shutdown(socket.SHUT_WR)
                    while beside.recv(4096):
                        pass


@pytest.fixture
def store(tmp_path: Path) -> Iterator[tuple[Authority, str]]:
    """Start a store that demands a certificate."""
    authority = Authority(tmp_path)
    context = authority.server(authority.issue("store"), demand=True)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=refuse, args=(listening, context))
        thread.start()
        yield authority, f"https://localhost:{listening.getsockname()[1]}/"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def context_with(authority: Authority, certificate: str, folder: Path) -> ssl.SSLContext:
    """Return a client context with this *certificate*."""
    if certificate == "none":
        context = authority.client()
    elif certificate == "expired":
        context = authority.client(authority.issue("expired", days=-1))
    else:
        (folder / "other").mkdir()
        context = authority.client(Authority(folder / "other", "another CA").issue("gateway"))
    context.check_hostname = False
    return context


@pytest.mark.parametrize("certificate", ALERTS)
async def test_certificate_that_the_store_does_not_accept(
    tmp_path: Path, store: tuple[Authority, str], certificate: str
) -> None:
    """The store has read nothing of the message; a new certificate, or waiting, solves it."""
    authority, url = store
    context = context_with(authority, certificate, tmp_path)
    settings = RestSettings.model_validate({"url": url})
    async with Client(settings, Trust(store=lambda: context)) as client:
        result = await client.request("POST", url, {}, b"message")
    wanted = WANTS_CERTIFICATE if certificate == "none" else CERTIFICATE_REFUSED
    assert Unavailable(wanted.reason) == result
    assert isinstance(result, Unavailable)
    assert ALERTS[certificate] == result.diagnosis
    assert Outlook.BUSY is result.outlook
