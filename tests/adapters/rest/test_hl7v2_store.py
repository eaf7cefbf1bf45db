"""Delivery to an HL7v2 store over a real socket."""

import json
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from aiohttp import web

from adapters.rest.hl7v2_store import Hl7v2Store
from adapters.rest.settings import Hl7v2StoreSettings
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Refused, Stored, Unavailable

Start = Callable[..., Awaitable[str]]

MESSAGE = b"MSH|^~\\&|P|B|S|A|20240501||ADT^A01|42|P|2.5\r"
ACK = b"MSH|^~\\&|S|A|P|B|20240501||ACK^A01^ACK|1|P|2.5\rMSA|AA|42\r"


def message(charset: str | None = None) -> Message:
    """Return a message as a listener makes it."""
    return Message("m1", WholeBody(MESSAGE), {}, {"control_id": "42"}, charset)


def store(url: str, prepare: Callable[[bytes, str | None], bytes | Refused] = lambda data, _: data) -> Hl7v2Store:
    """Return a destination for a store at *url*."""
    return Hl7v2Store("hl7-store", Hl7v2StoreSettings(kind="hl7v2_store", url=url), prepare)


async def test_ingest(serve: Start) -> None:
    """The request is the one that the Cloud Healthcare API documents, and its ACK comes back."""

    async def ingest(request: web.Request) -> web.Response:
        assert ("POST", "/v1/hl7V2Stores/s/messages:ingest") == (request.method, request.path)
        assert "2" == request.headers["X-GOOG-API-FORMAT-VERSION"]
        assert "application/json" == request.content_type
        assert MESSAGE == b64decode((await request.json())["message"]["data"])
        return web.Response(text=json.dumps({"hl7Ack": b64encode(ACK).decode()}))

    async with store(await serve(ingest) + "/v1/hl7V2Stores/s/") as destination:
        assert "hl7-store" == destination.name
        assert Stored(reply=ACK) == await destination.deliver(message())


async def test_labels(serve: Start) -> None:
    """A message has the labels that it came with; those of the destination go before them."""
    found = []

    async def ingest(request: web.Request) -> web.Response:
        found.append((await request.json())["message"].get("labels"))
        return web.Response(text=json.dumps({"hl7Ack": b64encode(ACK).decode()}))

    url = await serve(ingest) + "/v1/hl7V2Stores/s/"
    settings = Hl7v2StoreSettings(kind="hl7v2_store", url=url, labels={"from": "hilum"})
    async with Hl7v2Store("hl7-store", settings, lambda data, _: data) as destination:
        await destination.deliver(message())
        await destination.deliver(replace(message(), labels=(("from", "other"), ("a", "b"))))
    async with Hl7v2Store("hl7-store", settings.model_copy(update={"labels": {}}), lambda data, _: data) as without:
        await without.deliver(replace(message(), labels=(("a", "b"),)))
    assert [{"from": "hilum"}, {"from": "hilum", "a": "b"}, None] == found


async def test_prepared_message_is_sent(serve: Start) -> None:
    """The store gets the prepared message; the character set that the peer really uses counts."""

    async def ingest(request: web.Request) -> web.Response:
        assert b"UNICODE UTF-8" + MESSAGE == b64decode((await request.json())["message"]["data"])
        return web.Response(text=json.dumps({"hl7Ack": b64encode(ACK).decode()}))

    async with store(await serve(ingest), lambda data, charset: str(charset).encode() + data) as destination:
        assert Stored(reply=ACK) == await destination.deliver(message("UNICODE UTF-8"))


async def test_message_that_cannot_be_prepared(closed_port: str) -> None:
    """A refusal by the preparation is the outcome, and nothing is sent."""
    refusal = Refused("an octet is not in the character set", code="102")
    async with store(closed_port, lambda _data, _charset: refusal) as destination:
        assert refusal == await destination.deliver(message())


async def test_store_that_is_down(closed_port: str) -> None:
    """A failure of the network is the outcome."""
    async with store(closed_port) as destination:
        assert Unavailable("connection refused") == await destination.deliver(message())
        assert "connection refused" == await destination.probe()


OTHER_ACK = ACK.replace(b"|42", b"|41")
OTHER_NACK = OTHER_ACK.replace(b"AA", b"AE")
MIXED_UP = {
    "another's ACK": (200, {"hl7Ack": OTHER_ACK}, "the store's acknowledgement is about another message (MSA-2)"),
    "another's NACK": (200, {"hl7Ack": OTHER_NACK}, "the store's acknowledgement is about another message (MSA-2)"),
    "an error with another's NACK": (
        500,
        {"error": {"details": [{"hl7Nack": OTHER_NACK}]}},
        "the store gave no usable answer (HTTP 500)",
    ),
}


@pytest.mark.parametrize(("status", "value", "reason"), MIXED_UP.values(), ids=MIXED_UP)
async def test_answer_about_another_message(serve: Start, status: int, value: object, reason: str) -> None:
    """An acknowledgement that names another message is not accepted."""

    async def ingest(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=status, text=json.dumps(value, default=lambda octets: b64encode(octets).decode()))

    async with store(await serve(ingest)) as destination:
        assert Unavailable(reason, maybe_stored=True) == await destination.deliver(message())
