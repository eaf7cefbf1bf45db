"""What a store holds under a SOP Instance UID, compared with what was sent: syntax by syntax."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from pydicom.uid import JPEG2000Lossless

from adapters.rest.dicomweb.conflict import (
    ANSWERED_EARLY,
    COMPARED_NEXT,
    DIFFERS,
    INCOMPARABLE,
    NOT_GIVEN_BACK,
    Conflict,
    find_conflict,
)
from adapters.rest.dicomweb.holdings import Holdings
from adapters.rest.dicomweb.multipart import Related
from adapters.rest.http.client import Client
from adapters.rest.http.sent import Sent
from adapters.rest.settings import RestSettings
from gateway.contract.body import Body, Buffer, WholeBody
from gateway.contract.errors import GatewayError
from gateway.contract.outcome import Unavailable
from tests.adapters.rest.dicomweb.test_store import Arriving
from tests.adapters.rest.encodings import SYNTAXES, encode, instance

Start = Callable[..., Awaitable[str]]

IMPLICIT, EXPLICIT = SYNTAXES["implicit"], SYNTAXES["explicit"]


def file(syntax: str, rows: int = 8, *, undefined: bool = False) -> bytes:
    """Return an instance without private sequences."""
    data_set = instance()
    del data_set[0x0029, 0x1002]
    data_set.Rows = rows
    return encode(data_set, SYNTAXES[syntax], undefined=undefined)


def compressed(rows: int = 8) -> bytes:
    """Return an instance that says it is compressed, in the same octets otherwise."""
    plain = file("explicit", rows)
    syntax = b"\x02\x00\x10\x00UI\x16\x00" + JPEG2000Lossless.encode()
    start, end = plain.index(b"\x02\x00\x10\x00UI"), plain.index(b"\x02\x00\x12\x00UI")
    length = int.from_bytes(plain[140:144], "little") + len(syntax) - (end - start)
    return plain[:140] + length.to_bytes(4, "little") + plain[144:start] + syntax + plain[end:]


def without_meta(whole: bytes) -> bytes:
    """Return a file that does not tell its transfer syntax."""
    return whole.replace(b"\x02\x00\x10\x00UI", b"\x02\x00\x11\x00UI")


async def compare(serve: Start, held: bytes, sent: Sent, transcoded: bytes | None = None) -> Conflict | None:
    """Return the conflict with a store that holds *held*, and gives *transcoded* where a transfer syntax is named."""

    async def give(request: web.Request) -> web.Response:
        if request.headers["Accept"].endswith("transfer-syntax=*"):
            return web.Response(body=held)
        return web.Response(status=406) if transcoded is None else web.Response(body=transcoded)

    root = await serve(give)
    async with Client(RestSettings(url=root)) as client:
        async for _ in sent.chunks():
            await asyncio.sleep(0)
        return await find_conflict(Holdings(client, root), f"{root}/instance", sent)


WHOLE = {
    "the same octets": (file("explicit"), file("explicit"), None),
    "explicit, held implicit": (file("explicit"), file("implicit"), None),
    "implicit, held explicit": (file("implicit"), file("explicit"), None),
    "implicit, held deflated": (file("implicit"), file("deflated"), None),
    "big endian, held implicit": (file("big endian"), file("implicit"), None),
    "explicit, held implicit with undefined lengths": (file("explicit"), file("implicit", undefined=True), None),
    "another content": (file("explicit"), file("implicit", 9), DIFFERS),
    "another content, same syntax": (file("explicit"), file("explicit", 9), DIFFERS),
    "held compressed": (file("explicit"), compressed(9), INCOMPARABLE),
    "compressed, held explicit": (compressed(9), file("explicit"), INCOMPARABLE),
    "compressed, the same octets": (compressed(), compressed(), None),
    "compressed, another content": (compressed(), compressed(9), DIFFERS),
    "held in an unknown syntax": (file("explicit"), without_meta(file("implicit")), INCOMPARABLE),
    "half of it": (file("explicit"), file("implicit")[:-9], INCOMPARABLE),
    "ours cannot be read": (file("explicit")[:-9], file("implicit"), INCOMPARABLE),
}


@pytest.mark.parametrize(("ours", "held", "expected"), WHOLE.values(), ids=WHOLE)
async def test_whole(serve: Start, ours: bytes, held: bytes, expected: Conflict | None) -> None:
    """The data sets are compared, not their encodings, if both can be read."""
    assert expected == await compare(serve, held, Sent(WholeBody(ours)))


PASSED = {
    "the same octets": (file("explicit"), file("explicit"), None, None),
    "another content, same syntax": (file("explicit"), file("explicit", 9), None, DIFFERS),
    "the store transcodes": (file("explicit"), file("implicit"), file("explicit"), None),
    "the store transcodes otherwise": (
        file("explicit"),
        file("implicit"),
        file("explicit", undefined=True),
        COMPARED_NEXT,
    ),
    "the store does not transcode": (file("explicit"), file("implicit"), None, COMPARED_NEXT),
    "held compressed": (file("explicit"), compressed(9), file("explicit", 9), INCOMPARABLE),
}


@pytest.mark.parametrize(("ours", "held", "transcoded", "expected"), PASSED.values(), ids=PASSED)
async def test_passed(
    serve: Start, ours: bytes, held: bytes, transcoded: bytes | None, expected: Conflict | None
) -> None:
    """Only the octets of a streamed body are known: the store is asked for them, or it is sent again."""
    assert expected == await compare(serve, held, Sent(Arriving(ours)), transcoded)


@pytest.mark.parametrize(("rows", "expected"), [(8, None), (9, DIFFERS)])
async def test_read_while_it_passes(serve: Start, rows: int, expected: Conflict | None) -> None:
    """When the instance is sent again, its content is known."""
    sent = Sent(Arriving(file("explicit")), with_content=True)
    assert expected == await compare(serve, file("implicit", rows), sent)


PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>" + b"Welcome. " * 40 + b"</body></html>"
RELATED = Related("b0und", "application/dicom")

NO_INSTANCE = {
    "a page": PAGE,
    "a short page": b"<html></html>",
    "nothing": b"",
    "white space": b"\r\n" * 200,
    "a JSON error": b'{"error": "no database"}' + b" " * 200,
    "metadata instead of the instance": b'[{"00080018": {"vr": "UI", "Value": ["1.2.3"]}}]' + b" " * 200,
    "a page as the part of a multipart body": RELATED.prefix + PAGE + RELATED.suffix,
    "an empty part": RELATED.prefix + RELATED.suffix,
    "a multipart body without its end": RELATED.prefix + file("explicit", 9)[:-20],
    "an image": b"\xff\xd8\xff\xe0" + bytes(500),
}


@pytest.mark.parametrize("held", NO_INSTANCE.values(), ids=NO_INSTANCE)
@pytest.mark.parametrize("body", [WholeBody, Arriving])
async def test_answer_that_is_no_instance(serve: Start, body: Callable[[bytes], Body], held: bytes) -> None:
    """An answer that is no DICOM instance says nothing about the one that is held: it is asked for again later."""
    assert NOT_GIVEN_BACK == await compare(serve, held, Sent(body(file("explicit"))))


@pytest.mark.parametrize("second", NO_INSTANCE.values(), ids=NO_INSTANCE)
async def test_second_answer_that_is_no_instance(serve: Start, second: bytes) -> None:
    """The same holds if the content is compared and the second answer is something else."""
    replies = [web.Response(body=file("implicit")), web.Response(body=second)]

    async def give(request: web.Request) -> web.Response:
        return replies.pop(0)

    root = await serve(give)
    async with Client(RestSettings(url=root)) as client:
        sent = Sent(WholeBody(file("explicit")))
        assert NOT_GIVEN_BACK == await find_conflict(Holdings(client, root), f"{root}/instance", sent)


async def test_second_retrieval_that_fails(serve: Start) -> None:
    """If the store no longer gives the instance back, the two cannot be compared."""
    replies = [web.Response(body=file("implicit")), web.Response(status=503)]

    async def give(request: web.Request) -> web.Response:
        return replies.pop(0)

    root = await serve(give)
    async with Client(RestSettings(url=root)) as client:
        sent = Sent(WholeBody(file("explicit")))
        conflict = await find_conflict(Holdings(client, root), f"{root}/instance", sent)
    assert isinstance(conflict, Unavailable)
    assert conflict.maybe_stored


class Damaged(WholeBody):
    """A body that cannot be read."""

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Raise."""
        if not self.data:
            raise GatewayError("damaged")
        yield self.data


async def test_body_that_cannot_be_read(closed_port: str) -> None:
    """A body that fails when it is read again leaves the outcome open."""
    async with Client(RestSettings(url=closed_port)) as client:
        conflict = await find_conflict(Holdings(client, closed_port), closed_port, Sent(Damaged(b"")))
    assert Unavailable("the message ended before it was complete", maybe_stored=True) == conflict


EARLY = {
    "the same": (file("explicit"), None),
    "another": (file("explicit", 9), DIFFERS),
    "the same in another transfer syntax": (file("implicit"), COMPARED_NEXT),
}


@pytest.mark.parametrize(("held", "expected"), EARLY.values(), ids=EARLY)
async def test_store_that_answers_in_the_middle(serve: Start, held: bytes, expected: Conflict | None) -> None:
    """The whole body is compared, even if the store took only its beginning."""

    async def give(request: web.Request) -> web.Response:
        is_as_stored = request.headers["Accept"].endswith("transfer-syntax=*")
        return web.Response(body=held) if is_as_stored else web.Response(status=406)

    root = await serve(give)
    async with Client(RestSettings(url=root)) as client:
        sent = Sent(Arriving(file("explicit")))
        await anext(sent.chunks())
        assert expected == await find_conflict(Holdings(client, root), f"{root}/instance", sent)


class Endless(Arriving):
    """A body whose second part never comes."""

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the first part and wait."""
        async for chunk in super().chunks():
            yield chunk
            await asyncio.Event().wait()


async def test_rest_that_is_gone(closed_port: str) -> None:
    """If the rest of the body is gone, half of it is not compared with what the store holds."""
    sent = Sent(Endless(file("explicit")))
    chunks = sent.chunks()
    await anext(chunks)
    waiting = asyncio.ensure_future(anext(chunks))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    async with Client(RestSettings(url=closed_port)) as client:
        assert ANSWERED_EARLY == await find_conflict(Holdings(client, closed_port), closed_port, sent)
