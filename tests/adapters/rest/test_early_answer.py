"""Answers that come before the body was sent: a store may answer early, and close (RFC 9112 9.5, 9.6)."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.rest.connecting.dialer import Trust
from adapters.rest.dicomweb.conflict import DIFFERS
from adapters.rest.dicomweb.settings import DicomwebSettings
from adapters.rest.dicomweb.store import Dicomweb
from adapters.rest.http.client import Client
from adapters.rest.http.exchange import Streamed
from adapters.rest.http.reply import Reply
from adapters.rest.http_post import HttpPost
from adapters.rest.settings import HttpSettings, RestSettings
from adapters.rest.verdict.outcomes import TOO_EARLY
from gateway.contract.body import Buffer, WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from tests.adapters.rest.conftest import Listen
from tests.adapters.rest.dicomweb.test_conflict import file
from tests.adapters.rest.shapes import failed, item
from tests.certificates import Authority
from tests.hasty_store import HastyStore, answer, hasty_store

UID = "1.2.3"
LARGE = 256 * 1024
BUSY = answer(503, b"", b"Retry-After: 7")
CONFLICT = answer(409, b'{"x": "%b"}' % (b"x" * 20_000))
CUT = answer(413, b"too la", length=b"Content-Length: 9")

ANSWERS: dict[str, tuple[list[bytes], int, bytes]] = {
    "400": ([answer(400, b"bad")], 400, b"bad"),
    "401": ([answer(401)], 401, b""),
    "403": ([answer(403)], 403, b""),
    "409 with a long body": ([CONFLICT], 409, CONFLICT.partition(b"\r\n\r\n")[2]),
    "413": ([answer(413, b"too large")], 413, b"too large"),
    "413 in two pieces": ([answer(413, b"too large")[:20], answer(413, b"too large")[20:]], 413, b"too large"),
    "413 in chunks": ([answer(413, b"3\r\ntoo\r\n0\r\n\r\n", length=b"Transfer-Encoding: chunked")], 413, b"too"),
    "413 that ends with the connection": ([answer(413, b"too large", length=b"")], 413, b"too large"),
    "413 whose body breaks off": ([CUT], 413, b""),
    "413 after an interim reply": ([b"HTTP/1.1 100 Continue\r\n\r\n", answer(413, b"too large")], 413, b"too large"),
    "500": ([answer(500, b"sorry")], 500, b"sorry"),
    "503 with Retry-After": ([BUSY], 503, b""),
}
OVER_TLS = {name: ANSWERS[name] for name in ("409 with a long body", "413 in two pieces", "503 with Retry-After")}


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Return who issues the certificates of stores."""
    return Authority(tmp_path)


@pytest.fixture
def unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """See nothing before a write, as where the answer comes between the last look and the write."""
    monkeypatch.setattr("adapters.rest.connecting.tcp.Watch.is_quiet", lambda _: True)


async def meeting_the_end(store: HastyStore) -> AsyncIterator[Buffer]:
    """Yield a body whose second part is written when the store has closed, and before the event loop has read that."""
    yield bytes(LARGE)
    store.wait()
    for _ in range(40):
        yield bytes(LARGE)


async def post(store: HastyStore, context: ssl.SSLContext | None = None) -> Reply | Unavailable:
    """Send a body and return the reply."""
    trust = Trust() if context is None else Trust(store=lambda: context)
    async with Client(RestSettings(url=store.url), trust) as client:
        return await client.request("POST", store.url, {}, Streamed(meeting_the_end(store), None))


@pytest.mark.usefixtures("unseen")
@pytest.mark.parametrize(("pieces", "status", "body"), ANSWERS.values(), ids=ANSWERS)
async def test_answer_before_a_write_that_fails(pieces: list[bytes], status: int, body: bytes) -> None:
    """The store's answer is read although the connection is gone."""
    with hasty_store(*pieces) as store:
        reply = await post(store)
    assert isinstance(reply, Reply)
    assert (status, body, False, 1) == (reply.status, reply.body, reply.whole, store.connections)
    assert (7 if status == 503 else None) == reply.retry_after


@pytest.mark.usefixtures("unseen")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
@pytest.mark.parametrize(("pieces", "status", "body"), OVER_TLS.values(), ids=OVER_TLS)
async def test_the_same_over_tls(
    authority: Authority, version: ssl.TLSVersion, pieces: list[bytes], status: int, body: bytes
) -> None:
    """The store's answer is decrypted although the connection is gone."""
    context = authority.client()
    context.maximum_version = version
    with hasty_store(*pieces, tls=authority.server(authority.issue("store"))) as store:
        reply = await post(store, context)
    assert isinstance(reply, Reply)
    assert (status, body, False, 1) == (reply.status, reply.body, reply.whole, store.connections)


async def test_look_before_a_large_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that has come is read before more of the body is sent: the rest of it is not even asked for."""
    monkeypatch.setattr("adapters.rest.http.connection.unread", lambda _: ())
    asked = 0

    async def chunks() -> AsyncIterator[Buffer]:
        nonlocal asked
        async for chunk in meeting_the_end(store):
            asked += 1
            yield chunk

    with hasty_store(answer(413)) as store:
        async with Client(RestSettings(url=store.url)) as client:
            reply = await client.request("POST", store.url, {}, Streamed(chunks(), None))
    assert isinstance(reply, Reply)
    assert (413, 2) == (reply.status, asked)


@pytest.mark.usefixtures("unseen")
async def test_body_in_memory() -> None:
    """The same holds for a body in memory."""
    with hasty_store(answer(413)) as store:
        async with Client(RestSettings(url=store.url)) as client:
            reply = await client.request("POST", store.url, {}, bytes(32 * 1024 * 1024))
    assert isinstance(reply, Reply)
    assert 413 == reply.status


@pytest.mark.usefixtures("unseen")
async def test_early_success_is_none() -> None:
    """A success before the whole message came does not count, even if it is read after the end."""
    with hasty_store(answer(200, b"{}")) as store:
        assert TOO_EARLY == await post(store)


class Passing:
    """A body that passes once; the store has closed before its second part."""

    length = None
    replayable = False

    def __init__(self, store: HastyStore) -> None:
        self._store = store

    def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the body."""
        return meeting_the_end(self._store)


FAILED = json.dumps(failed(item(UID, _00081197=0xA900))).encode()
NAMED = Refused(
    "the store said A900 data set does not match SOP class; the store failed to store the instance", code="A900"
)
DICOM: dict[str, tuple[bytes, Outcome]] = {
    "413": (answer(413), Refused("the message is larger than the store takes", code="A900")),
    "415": (answer(415), Refused("the store does not take this kind of content", code="C122")),
    "401": (answer(401), Unavailable("the store does not accept the credentials (HTTP 401)")),
    "503": (BUSY, Unavailable("the store is out of service (HTTP 503)", retry_after=7)),
    "409 that names the failure": (answer(409, FAILED), NAMED),
    "200 that names the failure": (answer(200, FAILED), NAMED),
    "200": (answer(200, b"{}"), TOO_EARLY),
}


@pytest.mark.usefixtures("unseen")
@pytest.mark.parametrize("relayed", [True, False], ids=["relay", "commit"])
@pytest.mark.parametrize(("wire", "expected"), DICOM.values(), ids=DICOM)
async def test_instance(wire: bytes, expected: Outcome, *, relayed: bool) -> None:
    """The store's verdict on an instance is the outcome, whether it arrives or comes from the spool."""
    with hasty_store(wire) as store:
        body = Passing(store) if relayed else WholeBody(bytes(16 * 1024 * 1024))
        async with Dicomweb("archive", DicomwebSettings(kind="dicomweb", url=store.url)) as destination:
            outcome = await destination.deliver(Message("m1", body, {}, {"sop_instance_uid": UID}))
    assert expected == outcome


NACK = b"MSH|^~\\&|A|B|C|D|20260101||ACK|2|P|2.5\rMSA|AE|1\r"
ACK = NACK.replace(b"|AE|", b"|AA|")
MESSAGE = b"MSH|^~\\&|C|D|A|B|20260101||ORU^R01|1|P|2.5\rOBX|1|ED|1||" + b"x" * 16_000_000 + b"\r"
REFUSED = Refused("the store answered with the acknowledgement code AE", reply=NACK, code="207")
HL7: dict[str, tuple[bytes, Outcome]] = {
    "NACK with 200": (answer(200, NACK), REFUSED),
    "ACK with 200": (answer(200, ACK), TOO_EARLY),
    "413": (answer(413), Refused("the message is larger than the store takes", code="207")),
}


@pytest.mark.usefixtures("unseen")
@pytest.mark.parametrize(("wire", "expected"), HL7.values(), ids=HL7)
async def test_hl7_message(wire: bytes, expected: Outcome) -> None:
    """A negative acknowledgement counts however early it comes, a positive one does not."""
    with hasty_store(wire) as store:
        settings = HttpSettings(kind="http", url=store.url)
        async with HttpPost("endpoint", settings, lambda data, _: data) as destination:
            outcome = await destination.deliver(Message("m1", WholeBody(MESSAGE), {}, {"control_id": "1"}))
    assert expected == outcome


class Slow:
    """A body whose second part comes only when the store has answered; the sending waits for it until then."""

    length = None
    replayable = False

    def __init__(self, data: bytes, answered: asyncio.Event) -> None:
        self._data = data
        self._answered = answered

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the body in two parts, and tell the store when it is the peer's turn."""
        middle = len(self._data) // 2
        yield self._data[:middle]
        await self._answered.wait()
        await asyncio.sleep(0.05)  # the answer has been read
        yield self._data[middle:]


class ConflictingStore:
    """A store that answers 409 to half an instance, and gives back what it *holds*."""

    def __init__(self, holds: bytes) -> None:
        self._holds = holds
        self.answered = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        head = await reader.readuntil(b"\r\n\r\n")
        names = {"00080018": UID, "0020000D": "1.1", "0020000E": "1.2"}
        found = [{tag: {"vr": "UI", "Value": [uid]} for tag, uid in names.items()}]
        if head.startswith(b"POST"):
            await reader.readexactly(300)
            writer.write(answer(409))
            await writer.drain()
            self.answered.set()
        elif b"SOPInstanceUID" in head:
            writer.write(answer(200, json.dumps(found).encode(), b"Connection: close"))
        else:
            writer.write(answer(200, self._holds, b"Connection: close"))
        await reader.read()


HELD: dict[str, tuple[bytes, Outcome]] = {
    "the same": (file("explicit"), Stored()),
    "another": (file("explicit", 9), DIFFERS),
}


@pytest.mark.parametrize(("holds", "expected"), HELD.values(), ids=HELD)
async def test_conflict_while_the_peer_is_slow(listen: Listen, holds: bytes, expected: Outcome) -> None:
    """An early 409 to an instance whose sender is slow is compared with the whole of it."""
    store = ConflictingStore(holds)
    url = await listen(store)
    body = Slow(file("explicit"), store.answered)
    async with Dicomweb("archive", DicomwebSettings(kind="dicomweb", url=url)) as destination:
        outcome = await destination.deliver(Message("m1", body, {}, {"sop_instance_uid": UID}))
    assert expected == outcome
