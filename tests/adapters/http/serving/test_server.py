"""What aiohttp refuses by itself, and what proxies and Hilum could understand differently (request smuggling)."""

import json

import pytest

from gateway.contract.meter import Rejection
from tests.adapters.http.conftest import Serve
from tests.adapters.http.fakes import PATIENT, FakeDelivery, raw, request
from tests.adapters.mllp.fakes import FakeMeter

HEAD = b"POST /fhir/Patient HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
LENGTH = f"Content-Length: {len(PATIENT)}\r\n".encode()
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(PATIENT), PATIENT)
NOT_HTTP = {
    "a length and chunks": HEAD + LENGTH + CHUNKED + b"\r\n" + CHUNKS,
    "chunks and a length": HEAD + CHUNKED + LENGTH + b"\r\n" + CHUNKS,
    "two lengths": HEAD + LENGTH + b"Content-Length: 0\r\n\r\n" + PATIENT,
    "the same length twice": HEAD + LENGTH * 2 + b"\r\n" + PATIENT,
    "a length of two numbers": HEAD + b"Content-Length: 1, 1\r\n\r\n" + PATIENT,
    "a negative length": HEAD + b"Content-Length: -1\r\n\r\n" + PATIENT,
    "a length with a sign": HEAD + b"Content-Length: +44\r\n\r\n" + PATIENT,
    "a length that is no number": HEAD + b"Content-Length: 0x2c\r\n\r\n" + PATIENT,
    "chunks twice": HEAD + CHUNKED * 2 + b"\r\n" + CHUNKS,
    "an unknown coding": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n" + CHUNKS,
    "a coding behind chunks": HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n" + CHUNKS,
    "a coding before chunks": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + CHUNKS,
    "a tab in the coding": HEAD + b"Transfer-Encoding: \x0bchunked\r\n\r\n" + CHUNKS,
    "a space before the colon": HEAD + b"Content-Length : 44\r\n\r\n" + PATIENT,
    "a field on two lines": HEAD + b"X: a\r\n b\r\n" + LENGTH + b"\r\n" + PATIENT,
    "a line feed alone": HEAD + b"X: a\n" + LENGTH + b"\r\n" + PATIENT,
    "a NUL in a field": HEAD + b"X: a\0b\r\n" + LENGTH + b"\r\n" + PATIENT,
    "a field without a name": HEAD + b": a\r\n" + LENGTH + b"\r\n" + PATIENT,
    "no host": HEAD.replace(b"Host: a\r\n", b"") + LENGTH + b"\r\n" + PATIENT,
    "two hosts": HEAD + b"Host: b\r\n" + LENGTH + b"\r\n" + PATIENT,
    "a chunk of no number": HEAD + CHUNKED + b"\r\nzz\r\n" + PATIENT + b"\r\n0\r\n\r\n",
    "a chunk of another length": HEAD + CHUNKED + b"\r\n3\r\n" + PATIENT + b"\r\n0\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/0.9": b"GET /fhir/Patient\r\n\r\n",
    "another protocol": b"MSH|^~\\&|A|B|C|D|20260101||ADT^A01|1|P|2.5\r\n\r\n",
    "MLLP": b"\x0bMSH|^~\\&|A|B\x1c\r",
    "a very long line": b"POST /fhir/" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
    "a very long field": HEAD + b"X: " + b"a" * 100_000 + b"\r\n\r\n",
    "very many fields": HEAD + b"".join(b"X%d: a\r\n" % number for number in range(5000)) + b"\r\n",
    "a space in the address": HEAD.replace(b"/Patient", b"/Pa tient") + LENGTH + b"\r\n" + PATIENT,
}


@pytest.mark.parametrize("octets", NOT_HTTP.values(), ids=NOT_HTTP)
async def test_not_http(serve: Serve, delivery: FakeDelivery, meter: FakeMeter, octets: bytes) -> None:
    """What is not HTTP, or may be understood in two ways, is refused; nothing behind it is taken as a request."""
    async with raw((await serve()).port) as client:
        client.send(octets + request())
        got = await client.response()
        assert await client.is_closed()
    assert (400, "close") == (got.status, got.headers["connection"])
    assert "OperationOutcome" == json.loads(got.body)["resourceType"]
    assert ([], [Rejection.PROTOCOL_ERROR]) == (delivery.messages, meter.rejections)


async def test_no_software_is_named(serve: Serve) -> None:
    """A response does not tell which software, in which version, has made it, and is not kept by caches."""
    async with raw((await serve()).port) as client:
        for octets in (request(), request("GET /fhir/Patient/1", None), b"\x0b\r\n\r\n"):
            client.send(octets)
            got = await client.response()
            assert ("Hilum", "no-store") == (got.headers["server"], got.headers["cache-control"])


async def test_a_body_in_chunks(serve: Serve, delivery: FakeDelivery) -> None:
    """A body in chunks is as good as one with a length, and the connection stays."""
    async with raw((await serve()).port) as client:
        for _ in range(2):
            client.send(HEAD + CHUNKED + b"\r\n" + CHUNKS)
            assert 201 == (await client.response()).status
    assert [PATIENT] * 2 == delivery.bodies


async def test_an_upgrade(serve: Serve, delivery: FakeDelivery) -> None:
    """An upgrade is not done; the request is answered as it is."""
    async with raw((await serve()).port) as client:
        client.send(request(Connection="Upgrade", Upgrade="h2c"))
        assert 201 == (await client.response()).status
    assert [PATIENT] == delivery.bodies
