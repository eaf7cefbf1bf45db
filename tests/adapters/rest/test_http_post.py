"""HL7 over plain HTTP: MSA-1 decides where there is one."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from adapters.rest.http.reply import Reply
from adapters.rest.http.url_file import ELSEWHERE
from adapters.rest.http_post import HttpPost, post_outcome
from adapters.rest.settings import HttpSettings
from adapters.rest.verdict.control_id import asked
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook
from tests.adapters.rest.acknowledgements import ACKNOWLEDGEMENTS, ASKED, STORED, Answer

Start = Callable[..., Awaitable[str]]

ACK = b"MSH|^~\\&|S|A|P|B|20240501||ACK^A01^ACK|1|P|2.5\rMSA|AA|42\r"
NACK = ACK.replace(b"AA", b"AE")
REJECT = ACK.replace(b"AA", b"AR")
REFUSED = Refused("the store found an error in the message", code="207")
UNREAD = Unavailable("the store's acknowledgement cannot be read", maybe_stored=True)

SILENT = Unavailable("the store answered without an HL7 acknowledgement (see accept_empty)", maybe_stored=True)


def nacked(code: str, nack: bytes) -> Refused:
    """Return the outcome that carries *nack*."""
    return Refused(f"the store answered with the acknowledgement code {code}", reply=nack, code="207")


REPLIES: dict[str, tuple[int, bytes, Outcome]] = {
    "an ACK": (200, ACK, Stored(reply=ACK)),
    "an ACK in an MLLP block": (200, b"\x0b" + ACK + b"\x1c\r", Stored(reply=ACK)),
    "a NACK with 200": (200, NACK, nacked("AE", NACK)),
    "a reject with 200": (200, REJECT, nacked("AR", REJECT)),
    "a NACK with 500, HAPI's way": (500, NACK, nacked("AE", NACK)),
    "a reject with 400, HAPI's way": (400, REJECT, nacked("AR", REJECT)),
    "no content": (204, b"", SILENT),
    "nothing": (200, b"", SILENT),
    "created": (201, b'{"id": 1}', SILENT),
    "a page": (200, b"<!DOCTYPE html><html>", SILENT),
    "an error with 200": (200, b'{"error": "no database"}', SILENT),
    "a list": (200, b"[]", SILENT),
    "an acknowledgement in JSON": (200, b'{"ack": "MSH|^~\\\\&|S\\rMSA|AA|42\\r"}', SILENT),
    "HL7 without MSA": (200, b"MSH|^~\\&|S\r", UNREAD),
    "a batch": (200, b"BHS|^~\\&\r" + NACK, UNREAD),
    "an ACK with 400": (400, ACK, REFUSED),
    "an ACK with 503": (503, ACK, Unavailable("the store is out of service (HTTP 503)", maybe_stored=True)),
    "an error page": (422, b"<html>", REFUSED),
}


@pytest.mark.parametrize(("status", "body", "expected"), REPLIES.values(), ids=REPLIES)
def test_reply(status: int, body: bytes, expected: Outcome) -> None:
    """A negative acknowledgement counts alone, a positive one together with the status."""
    assert expected == post_outcome(Reply(status, {}, body))


SUCCESSES: dict[str, tuple[int, bytes, bool]] = {
    "nothing": (200, b"", True),
    "no content": (204, b"", True),
    "a word": (200, b"OK\r\n", True),
    "created": (201, b'{"id": "7a1c", "status": "accepted", "errors": []}', True),
    "a page": (200, b"<!DOCTYPE html><html>", False),
    "an error with 200": (200, b'{"error": "no database"}', False),
    "a list": (200, b"[]", False),
    "text": (200, b"no database", False),
    "HL7 without MSA": (200, b"MSH|^~\\&|S\r", False),
    "an error page": (500, b"", False),
}


@pytest.mark.parametrize(("status", "body", "stored"), SUCCESSES.values(), ids=SUCCESSES)
def test_success_without_acknowledgement(status: int, body: bytes, stored: bool) -> None:
    """With accept_empty, a success that tells of no failure means stored."""
    assert stored == isinstance(post_outcome(Reply(status, {}, body), accept_empty=True), Stored)


async def test_post(serve: Start) -> None:
    """The body of the request is the message, at exactly the configured address."""

    async def endpoint(request: web.Request) -> web.Response:
        assert ("POST", "/hl7/") == (request.method, request.path)
        assert "x-application/hl7-v2+er7" == request.headers["Content-Type"]
        assert b"MSH|prepared" == await request.read()
        return web.Response(body=ACK)

    settings = HttpSettings(kind="http", url=await serve(endpoint) + "/hl7/")
    message = Message("m1", WholeBody(b"MSH|"), {}, {"control_id": "42"})
    async with HttpPost("endpoint", settings, lambda data, _: data + b"prepared") as destination:
        assert Stored(reply=ACK) == await destination.deliver(message)


@pytest.mark.parametrize("from_file", [False, True])
async def test_query(serve: Start, tmp_path: Path, *, from_file: bool) -> None:
    """A query is sent as it is written in the configuration, or in a file that may change."""
    seen: list[str] = []

    async def endpoint(request: web.Request) -> web.Response:
        seen.append(f"{request.method} {request.raw_path}")
        return web.Response(body=ACK)

    url, path = await serve(endpoint), tmp_path / "url"
    path.write_text(f"{url}/hl7?code=a%2Fb==&x")
    given = {"url_file": str(path)} if from_file else {"url": path.read_text()}
    message = Message("m1", WholeBody(b"MSH|"), {}, {"control_id": "42"})
    settings = HttpSettings.model_validate({"kind": "http", **given})
    async with HttpPost("endpoint", settings, lambda data, _: data) as destination:
        assert Stored(reply=ACK) == await destination.deliver(message)
        path.write_text(f"{url}/hl7?code=other")
        assert None is await destination.probe()
        path.write_text("http://127.0.0.1:1/")
        outcome = await destination.deliver(message)
        probed = await destination.probe()
        assert f"{url}/hl7" == destination.address
    query = "code=other" if from_file else "code=a%2Fb==&x"
    assert ["POST /hl7?code=a%2Fb==&x", f"GET /hl7?{query}"] == seen[:2]
    assert (ELSEWHERE, ELSEWHERE.reason) == (outcome, probed) if from_file else Stored(reply=ACK) == outcome


async def test_message_that_cannot_be_prepared(closed_port: str) -> None:
    """A refusal by the preparation is the outcome, and nothing is sent."""
    refusal = Refused("an octet is not in the character set", code="102")
    settings = HttpSettings(kind="http", url=closed_port)
    message = Message("m1", WholeBody(b"MSH|"), {}, {"control_id": "42"})
    async with HttpPost("endpoint", settings, lambda _data, _charset: refusal) as destination:
        assert refusal == await destination.deliver(message)


async def test_never_sent_twice(listen: Start) -> None:
    """An endpoint that reads the message and closes without a reply gets it once."""
    connections = []

    async def hang_up(reader: asyncio.StreamReader, writer: object) -> None:
        connections.append(writer)
        await reader.readuntil(b"MSH|")

    settings = HttpSettings(kind="http", url=await listen(hang_up))
    message = Message("m1", WholeBody(b"MSH|"), {}, {"control_id": "42"})
    async with HttpPost("endpoint", settings, lambda data, _: data) as destination:
        outcome = await destination.deliver(message)
    assert isinstance(outcome, Unavailable)
    assert (True, 1) == (outcome.maybe_stored, len(connections))
    assert Outlook.DOUBTFUL is outcome.outlook


ANOTHER = Unavailable("the store's acknowledgement is about another message (MSA-2)", maybe_stored=True)
OTHER_ACK, OTHER_NACK = ACK.replace(b"|42", b"|41"), NACK.replace(b"|42", b"|41")

MIXED_UP: dict[str, tuple[int, bytes, Outcome]] = {
    "ours": (200, ACK, Stored(reply=ACK)),
    "another's ACK": (200, OTHER_ACK, ANOTHER),
    "another's ACK with 201": (201, OTHER_ACK, ANOTHER),
    "another's NACK with 200": (200, OTHER_NACK, ANOTHER),
    "another's NACK with 400": (400, OTHER_NACK, REFUSED),
    "another's NACK with 503": (503, OTHER_NACK, Unavailable("the store is out of service (HTTP 503)")),
}
"""Status, body, and what it means for the message 42."""


@pytest.mark.parametrize(("status", "body", "expected"), MIXED_UP.values(), ids=MIXED_UP)
async def test_answer_about_another_message(serve: Start, status: int, body: bytes, expected: Outcome) -> None:
    """It is neither evidence nor an answer that the peer gets; what remains is the status."""

    async def endpoint(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=status, body=body)

    settings = HttpSettings(kind="http", url=await serve(endpoint), accept_empty=True)
    message = Message("m1", WholeBody(b"MSH|^~\\&|P|B|S|A|20240501||ADT^A01|42|P|2.5\r"), {}, {"control_id": "42"})
    async with HttpPost("endpoint", settings, lambda data, _: data) as destination:
        assert expected == await destination.deliver(message)


@pytest.mark.parametrize("status", [200, 400, 500])
async def test_compressed_nack(serve: Start, status: int) -> None:
    """A negative acknowledgement is read in a reply that was compressed unasked, whatever the status."""

    async def endpoint(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=status, body=gzip.compress(NACK), headers={"Content-Encoding": "gzip"})

    settings = HttpSettings(kind="http", url=await serve(endpoint))
    async with HttpPost("endpoint", settings, lambda data, _: data) as destination:
        assert nacked("AE", NACK) == await destination.deliver(Message("m1", WholeBody(b"MSH|"), {}, {}))


@pytest.mark.parametrize("answer", ACKNOWLEDGEMENTS.values(), ids=ACKNOWLEDGEMENTS)
def test_acknowledgement(answer: Answer) -> None:
    """Each of them is read for what it is, in relay mode and in commit mode."""
    outcome = post_outcome(Reply(answer.status, {}, answer.body), asked(ASKED, "whole"))
    assert answer.means == (STORED if isinstance(outcome, Stored) else outcome.outlook)
    assert answer.relayed == (not isinstance(outcome, Unavailable) and outcome.reply is not None)
    # What nobody could read may be stored; what the store has spoken of is not.
    if isinstance(outcome, Unavailable) and outcome.outlook is Outlook.DOUBTFUL:
        assert outcome.maybe_stored
