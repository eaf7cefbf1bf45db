"""Why there is no TLS with a store: each cause with its sentence and its details. Event loops differ in this."""

import asyncio
import datetime
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509

from adapters.rest.connecting import failures
from adapters.rest.connecting.dialer import Dialer, Origin
from adapters.rest.http.http1 import Failure
from gateway.contract.causes import Cause, Diagnosis
from tests.certificates import Authority, Pair

VERSIONS = {"TLS 1.2": ssl.TLSVersion.TLSv1_2, "TLS 1.3": ssl.TLSVersion.TLSv1_3}


@dataclass(frozen=True)
class Case:
    """What a store shows, and what is told of it."""

    failure: Failure
    cause: Cause
    shows: Callable[[Authority], Pair] = lambda authority: authority.issue("store")
    trusts: bool = True
    host: str = "127.0.0.1"


def ended(authority: Authority) -> Pair:
    """Return a certificate that ends now."""
    return authority.issue("store", days=0)


def of_another(authority: Authority) -> Pair:
    """Return a certificate for another name, and one that is not plain text."""
    return authority.issue("store", x509.DNSName("other.example"), x509.DNSName("<b>.example"))


def of_many(authority: Authority) -> Pair:
    """Return a certificate for more names than are told."""
    return authority.issue("store", *(x509.DNSName(f"n{each}.example") for each in range(100)))


CASES = {
    "ended": Case(failures.ENDED, Cause.CERTIFICATE_ENDED, ended),
    "another name": Case(failures.OTHER_NAME, Cause.CERTIFICATE_NAME, of_another, host="localhost"),
    "another address": Case(failures.OTHER_NAME, Cause.CERTIFICATE_NAME, of_many),
    "an unknown issuer": Case(failures.UNKNOWN_ISSUER, Cause.CERTIFICATE_ISSUER, trusts=False),
}


async def dial(context: ssl.SSLContext, ours: ssl.SSLContext, host: str, shows: bool | None = None) -> Failure:
    """Return why there is no connection to a server with *context*."""
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context) as server:
        url = f"https://{host}:{server.sockets[0].getsockname()[1]}"
        dialer = Dialer(Origin(url), 20, lambda: ours, shows_certificate=shows)
        result = await dialer.dial(lambda _: asyncio.Protocol())
    assert isinstance(result, Failure)
    assert result.diagnosis is not None
    return result


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", CASES)
async def test_certificates(tmp_path: Path, name: str, version: str) -> None:
    """What is wrong with the certificate of a store is told, with what an operator has to know of it."""
    case, authority = CASES[name], Authority(tmp_path, "hospital\u202e CA " + "x" * 49)
    context = authority.server(case.shows(authority))
    context.minimum_version = context.maximum_version = VERSIONS[version]
    ours = authority.client() if case.trusts else ssl.create_default_context()
    failure = await dial(context, ours, case.host)
    assert case.failure == failure
    diagnosis = failure.diagnosis
    assert diagnosis is not None
    assert case.cause is diagnosis.cause
    assert case.host == diagnosis.details["called"]
    assert all(each.isprintable() and len(each) < 600 for each in diagnosis.details.values())
    match diagnosis.cause:
        case Cause.CERTIFICATE_ENDED:
            assert abs(float(diagnosis.details["ended_at"]) - time.time()) < 600
        case Cause.CERTIFICATE_ISSUER:
            assert "hospital? CA " + "x" * 49 == diagnosis.details["issuer"]
    if name == "another name":
        assert "other.example, <b>.example" == diagnosis.details["names"]
    if name == "another address":
        assert diagnosis.details["names"].startswith("n0.example, n1.example")
        assert diagnosis.details["names"].endswith("...")


async def test_not_yet_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate of tomorrow is told with its first day: perhaps our clock is behind."""
    authority = Authority(tmp_path)
    monkeypatch.setattr("tests.certificates.DAY", -datetime.timedelta(days=1))
    pair = authority.issue("store", days=-30)
    monkeypatch.undo()
    failure = await dial(authority.server(pair), authority.client(), "127.0.0.1")
    assert failures.NOT_YET_VALID == failure
    assert failure.diagnosis is not None
    assert float(failure.diagnosis.details["begins_at"]) > time.time() + 80000


@pytest.mark.parametrize("shows", ["nothing", "another authority's"])
async def test_client_certificates(tmp_path: Path, shows: str) -> None:
    """In TLS 1.2 a store refuses our certificate, or that there is none, in the handshake."""
    authority = Authority(tmp_path)
    context = authority.server(authority.issue("store"), demand=True)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    pair = None
    if shows != "nothing":
        (tmp_path / "other").mkdir()
        pair = Authority(tmp_path / "other", "another CA").issue("gateway")
    failure = await dial(context, authority.client(pair), "127.0.0.1", shows=pair is not None)
    wanted = failures.CERTIFICATE_REFUSED if pair else failures.WANTS_CERTIFICATE
    # The event loops' own TLS sends no alert in a handshake that fails: then the end is all that is known.
    assert failure in (wanted, failures.NO_TLS)
    assert failure.diagnosis is not None
    closed = failure == failures.NO_TLS
    assert (failure.diagnosis.details.get("error") == "closed") is closed


class Answering(asyncio.Protocol):
    """A server that answers the first octets with its own, or with nothing at all."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer."""
        if self.answer:
            self.transport.write(self.answer)  # type: ignore[attr-defined]
            self.transport.close()


HANDSHAKES = {
    "HTTP": (b"HTTP/1.1 400 Bad Request\r\n\r\n", failures.SPEAKS_NO_TLS, Cause.SPEAKS_NO_TLS, "address"),
    "silence": (b"", failures.TLS_TOO_SLOW, Cause.TLS_FAILED, "error"),
    "wants a certificate": (
        bytes.fromhex("15030300020274"),
        failures.WANTS_CERTIFICATE,
        Cause.CERTIFICATE_WANTED,
        "alert",
    ),
    "no certificate of ours": (
        bytes.fromhex("1503030002022a"),
        failures.CERTIFICATE_REFUSED,
        Cause.CERTIFICATE_REFUSED,
        "alert",
    ),
    "no suite in common": (bytes.fromhex("15030300020228"), failures.NO_TLS, Cause.TLS_FAILED, "error"),
}


@pytest.mark.parametrize("name", HANDSHAKES)
async def test_handshakes(name: str) -> None:
    """What does not speak TLS is told from a store that refuses us, and from one that is silent."""
    answer, expected, cause, detail = HANDSHAKES[name]
    server = await asyncio.get_running_loop().create_server(lambda: Answering(answer), "127.0.0.1", 0)
    async with server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        failure = await Dialer(Origin(url), 20 if answer else 0.5).dial(lambda _: asyncio.Protocol())
    assert expected == failure
    assert isinstance(failure, Failure)
    assert failure.diagnosis is not None
    assert (cause, [detail]) == (failure.diagnosis.cause, list(failure.diagnosis.details))


async def test_refused_and_unknown(closed_port: str) -> None:
    """A closed port is told with the address that was tried, a name without address with the resolver's code."""
    refused = await Dialer(Origin(closed_port), 20).dial(lambda _: asyncio.Protocol())
    unknown = await Dialer(Origin("http://hilum.invalid"), 20).dial(lambda _: asyncio.Protocol())
    assert isinstance(refused, Failure)
    assert isinstance(unknown, Failure)
    assert (failures.REFUSED, failures.UNRESOLVED) == (refused, unknown)
    assert refused.diagnosis is not None
    assert unknown.diagnosis is not None
    assert {"address": closed_port.removeprefix("http://")} == refused.diagnosis.details
    assert "hilum.invalid" == unknown.diagnosis.details["name"]
    assert unknown.diagnosis.details["code"].startswith("EAI_")


async def test_packets_that_vanish() -> None:
    """A host that answers nothing is told with its address and the time it had."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as stack:
        for _ in range(4):  # Linux takes no more connections then, and does not say so
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        failure = await Dialer(Origin(f"http://127.0.0.1:{full.getsockname()[1]}"), 0.2).dial(
            lambda _: asyncio.Protocol()
        )
        address = f"127.0.0.1:{full.getsockname()[1]}"
    assert isinstance(failure, Failure)
    assert failures.TOO_SLOW == failure
    assert Diagnosis(Cause.NO_CONNECTION, {"address": address, "seconds": "0.2"}) == failure.diagnosis
