"""What stores put around an instance that they give back, legal or common: it stays the same instance.

A row to add is a name and what makes the reply of a Part 10 file in Explicit VR Little Endian.
"""

from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from adapters.rest.dicomweb.conflict import COMPARED_NEXT, DIFFERS, INCOMPARABLE, Conflict, find_conflict
from adapters.rest.dicomweb.holdings import FORMS, NEVER_GIVEN_BACK, Holdings
from adapters.rest.dicomweb.multipart import Related
from adapters.rest.http.client import Client
from adapters.rest.http.sent import Sent
from adapters.rest.settings import RestSettings
from gateway.contract.body import Body, WholeBody
from tests.adapters.rest.dicomweb.test_content import FRAGMENTS
from tests.adapters.rest.dicomweb.test_store import Arriving
from tests.adapters.rest.encodings import SYNTAXES, encode, instance

Start = Callable[..., Awaitable[str]]
Wrap = Callable[[bytes], bytes]

RELATED = Related("b0und", "application/dicom")
PADDING = b"\xfc\xff\xfc\xffOB\0\0\x08\0\0\0" + bytes(8)
GROUP_LENGTH = b"\x02\x00\x00\x00UL\x04\x00"


def file(syntax: str = "explicit", rows: int = 8) -> bytes:
    """Return an instance without private sequences, which an implicit encoding does not tell from others."""
    data_set = instance()
    del data_set[0x0029, 0x1002]
    data_set.Rows = rows
    return encode(data_set, SYNTAXES[syntax])


OURS = file()
START = OURS.index(b"\x08\x00\x16\x00UI")
"""Where its data set begins."""


def stating(length: int) -> Wrap:
    """Return what states this length of the File Meta Information."""
    return lambda held: held[:140] + length.to_bytes(4, "little") + held[144:]


def in_part(before: bytes, after: bytes) -> Wrap:
    """Return what puts the instance between two texts."""
    return lambda held: before + held + after


TYPE = b"Content-Type: application/dicom"
WRAPPINGS: dict[str, Wrap] = {
    "alone": in_part(b"", b""),
    "in a part": in_part(RELATED.prefix, RELATED.suffix),
    "after an empty line": in_part(b"\r\n" + RELATED.prefix, RELATED.suffix),
    "after a text": in_part(b"A text for readers of mail.\r\n" + RELATED.prefix, RELATED.suffix),
    "before a text": in_part(RELATED.prefix, RELATED.suffix + b"Another text."),
    "without a line end behind it": in_part(RELATED.prefix, RELATED.suffix.rstrip()),
    "with LF alone": in_part(b"--b0und\n" + TYPE + b"\n\n", b"\n--b0und--\n"),
    "without header fields": in_part(b"--b0und\r\n\r\n", RELATED.suffix),
    "with spaces behind the boundaries": in_part(b"--b0und  \r\n" + TYPE + b"\r\n\r\n", b"\r\n--b0und--  \r\n"),
    "without a group length": lambda held: held[:132] + held[144:],
    "with a group length that is too small": stating(2),
    "with a group length that is too large": stating(START - 144 + 8),
    "without a preamble": lambda held: held[128:],
    "without a preamble and a prefix": lambda held: held[132:],
    "without a preamble, a prefix and a group length": lambda held: held[144:],
    "without File Meta Information": lambda held: held[START:],
    "with trailing padding (PS3.10 7.2)": in_part(b"", PADDING),
    "with trailing padding, in a part": in_part(RELATED.prefix, PADDING + RELATED.suffix),
    "with one NUL behind it, in a part": in_part(RELATED.prefix, b"\0" + RELATED.suffix),
    "with a group length in the data set": lambda held: (
        held[:START] + b"\x08\x00\x00\x00UL\x04\x00\x09\x00\x00\x00" + held[START:]
    ),
}


async def compare(serve: Start, reply: bytes, sent: Sent, *forms: str) -> Conflict | None:
    """Return the conflict with a store that answers *reply*, to one of *forms* only where there are some."""

    async def give(request: web.Request) -> web.Response:
        is_taken = not forms or request.headers["Accept"] in forms
        return web.Response(body=reply) if is_taken else web.Response(status=406)

    root = await serve(give)
    async with Client(RestSettings(url=root)) as client:
        async for _ in sent.chunks():
            pass
        return await find_conflict(Holdings(client, root), f"{root}/instance", sent)


@pytest.mark.parametrize("wrap", WRAPPINGS.values(), ids=WRAPPINGS)
async def test_same_instance(serve: Start, wrap: Wrap) -> None:
    """The same instance is found in every wrapping."""
    assert None is await compare(serve, wrap(OURS), Sent(WholeBody(OURS)))


@pytest.mark.parametrize("wrap", WRAPPINGS.values(), ids=WRAPPINGS)
async def test_same_instance_that_has_passed(serve: Start, wrap: Wrap) -> None:
    """The same holds for an arriving instance; its content is compared when it is sent again."""
    at_once, again = Sent(Arriving(OURS)), Sent(Arriving(OURS), with_content=True)
    assert await compare(serve, wrap(OURS), at_once) in {None, COMPARED_NEXT}
    assert None is await compare(serve, wrap(OURS), again)


@pytest.mark.parametrize("wrap", WRAPPINGS.values(), ids=WRAPPINGS)
async def test_other_instance(serve: Start, wrap: Wrap) -> None:
    """Another instance is another one in every wrapping."""
    assert DIFFERS == await compare(serve, wrap(file(rows=9)), Sent(WholeBody(OURS)))


COMPRESSED = (OURS + FRAGMENTS).replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.9.1\0")
PADDED: dict[str, tuple[bytes, bytes, Conflict | None]] = {
    "padding that the store takes away": (OURS + PADDING, OURS, None),
    "compressed, padding": (COMPRESSED, COMPRESSED + PADDING, None),
    "compressed, other pixels": (COMPRESSED, COMPRESSED.replace(b"JPEG", b"JPEX"), DIFFERS),
    "half of the same": (OURS, OURS[:-3], INCOMPARABLE),
    "something behind it": (OURS, OURS + b"\0\0\0\0x", INCOMPARABLE),
    "ours cannot be read": (OURS[:-3], OURS, INCOMPARABLE),
}


@pytest.mark.parametrize(("ours", "held", "expected"), PADDED.values(), ids=PADDED)
async def test_read_to_the_end(serve: Start, ours: bytes, held: bytes, expected: Conflict | None) -> None:
    """Only two data sets that were read to their ends differ."""
    assert expected == await compare(serve, held, Sent(WholeBody(ours)))


PASSED: dict[str, tuple[bytes, Conflict | None]] = {
    "the same": (OURS, None),
    "another of the same length": (file(rows=9), DIFFERS),
    "with padding": (OURS + PADDING, COMPARED_NEXT),
    "shorter": (OURS[:-8], COMPARED_NEXT),
}


@pytest.mark.parametrize(("held", "expected"), PASSED.values(), ids=PASSED)
async def test_passed(serve: Start, held: bytes, expected: Conflict | None) -> None:
    """For a streamed instance, other octets of the same length are another instance."""
    assert expected == await compare(serve, held, Sent(Arriving(OURS)))


@pytest.mark.parametrize("body", [WholeBody, Arriving])
@pytest.mark.parametrize("form", [form.format(SYNTAXES["explicit"]) for form in FORMS])
async def test_store_that_takes_one_form(serve: Start, body: Callable[[bytes], Body], form: str) -> None:
    """Whichever Accept a store takes, the instance is compared."""
    assert None is await compare(serve, OURS, Sent(body(OURS)), form)


async def test_store_that_takes_none(serve: Start) -> None:
    """A store that gives nothing back in any form is not asked again."""
    assert NEVER_GIVEN_BACK == await compare(serve, OURS, Sent(WholeBody(OURS)), "text/plain")
