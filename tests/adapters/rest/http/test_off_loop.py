"""Large replies are read in a thread."""

import json
import threading
from base64 import b64encode
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from adapters.rest import hl7v2_store, http_post
from adapters.rest.dicomweb import store as dicomweb
from adapters.rest.dicomweb.settings import DicomwebSettings
from adapters.rest.dicomweb.store import Dicomweb
from adapters.rest.hl7v2_store import Hl7v2Store
from adapters.rest.http.off_loop import SMALL, off_loop
from adapters.rest.http.reply import Reply
from adapters.rest.http_post import HttpPost
from adapters.rest.settings import Hl7v2StoreSettings, HttpSettings
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Stored

Start = Callable[..., Awaitable[str]]
MESSAGE = b"MSH|^~\\&|P|B|S|A|20240501||ADT^A01|42|P|2.5\r"
ACK = b"MSH|^~\\&|S|A|P|B|20240501||ACK^A01^ACK|1|P|2.5\rMSA|AA|42\r"
INGESTED = json.dumps({"message": {"data": "x" * SMALL}, "hl7Ack": b64encode(ACK).decode()}).encode()
LISTED = json.dumps(
    {"00081199": {"vr": "SQ", "Value": [{"00081155": {"vr": "UI", "Value": [uid]}} for uid in ["1.2.3", "9" * SMALL]]}}
).encode()


@pytest.mark.parametrize(("octets", "beside"), [(SMALL, False), (SMALL + 1, True)])
async def test_thread(octets: int, beside: bool) -> None:
    """A small reply is read in the event loop, a large one in a thread."""
    name = await off_loop(Reply(200, {}, bytes(octets)), lambda: threading.current_thread().name)
    assert beside == (name != threading.current_thread().name)


def destination(kind: str, url: str) -> Dicomweb | Hl7v2Store | HttpPost:
    """Return a destination of *kind*."""
    if kind == "dicomweb":
        return Dicomweb("pacs", DicomwebSettings(kind="dicomweb", url=url))
    if kind == "hl7v2_store":
        return Hl7v2Store("store", Hl7v2StoreSettings(kind="hl7v2_store", url=url), lambda data, _: data)
    return HttpPost("engine", HttpSettings(kind="http", url=url), lambda data, _: data)


READERS = {
    "dicomweb": (dicomweb, "read_report", LISTED, Stored()),
    "hl7v2_store": (hl7v2_store, "ingest_outcome", INGESTED, Stored(reply=ACK)),
    "http": (http_post, "post_outcome", ACK + b"ZZZ|" + b"x" * SMALL + b"\r", None),
}


@pytest.mark.parametrize("kind", READERS)
async def test_destinations(kind: str, serve: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every kind of destination reads a large verdict in a thread, and correctly."""
    module, name, body, expected = READERS[kind]
    threads: list[str] = []
    read = getattr(module, name)

    def watched(*arguments: object, **options: object) -> object:
        threads.append(threading.current_thread().name)
        return read(*arguments, **options)

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=body, content_type="application/dicom+json")

    monkeypatch.setattr(module, name, watched)
    message = Message("m1", WholeBody(MESSAGE), {}, {"control_id": "42", "sop_instance_uid": "1.2.3"})
    async with destination(kind, await serve(answer)) as store:
        outcome: Outcome = await store.deliver(message)
    assert (expected or Stored(reply=body)) == outcome
    assert [True] == [each != threading.current_thread().name for each in threads]
