"""HTTP/1.1 without a socket: what a store may send, and that nothing it sends does harm."""

import gzip
import tracemalloc
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest.http import http1
from adapters.rest.http.fields import MAX_FIELDS
from adapters.rest.http.http1 import (
    BAD_HEAD,
    BAD_LENGTH,
    BROKE,
    HUNG_UP,
    LONG_HEAD,
    MAX_MUTE,
    NOT_HTTP,
    OUT_OF_PROPORTION,
    REPLY_BROKE_OFF,
    STEP,
    TOO_LARGE,
    UNDECODABLE,
    Failure,
    Kept,
    ReplyReader,
)
from adapters.rest.http.reply_length import settle_length

END = None
"""In place of octets: the store closes the connection."""

LIMIT = 1000


@dataclass(frozen=True)
class Read:
    """What a reader made of a conversation."""

    status: int = 0
    body: bytes = b""
    keep_alive: bool = False
    failure: Failure | None = None
    over: bool = True


def read(*wire: bytes | None) -> Read:
    """Return what a new reader makes of *wire*."""
    reader = ReplyReader(LIMIT)
    for part in wire:
        if part is None:
            reader.receive_end(clean=True)
        else:
            reader.receive_data(part)
    return Read(reader.status, reader.take_body(), reader.keep_alive, reader.failure, reader.over)


def reply(text: str) -> bytes:
    """Return *text*, written with bars for line ends, as octets."""
    return text.replace("|", "\r\n").encode("latin-1")


OK = reply("HTTP/1.1 200 OK|Content-Length: 2||ok")
CHUNKED = reply("HTTP/1.1 200 OK|Transfer-Encoding: chunked||1;x=y|o|1 |k|0|Trailer: t||")

GZIP = gzip.compress(b"ok")
RAW = zlib.compress(b"ok")[2:-4]
TWICE = gzip.compress(zlib.compress(b"ok"))


def coded(name: str, body: bytes, status: int = 200) -> bytes:
    """Return a reply with *body* and this Content-Encoding."""
    return reply(f"HTTP/1.1 {status} OK|Content-Encoding: {name}|Content-Length: {len(body)}||") + body


REPLIES: dict[str, tuple[tuple[bytes | None, ...], Read]] = {
    "with a length": ((OK,), Read(200, b"ok", keep_alive=True)),
    "chunked, with a trailer": ((CHUNKED,), Read(200, b"ok", keep_alive=True)),
    "empty": ((reply("HTTP/1.1 204 None||"),), Read(204, keep_alive=True)),
    "without a reason phrase": ((reply("HTTP/1.1 503|Content-Length: 0||"),), Read(503, keep_alive=True)),
    "closing": ((reply("HTTP/1.1 200 OK|Connection: close|Content-Length: 2||ok"),), Read(200, b"ok")),
    "of HTTP/1.0": ((reply("HTTP/1.0 200 OK|Content-Length: 2||ok"),), Read(200, b"ok")),
    "of HTTP/1.0 that stays": (
        (reply("HTTP/1.0 200 OK|Connection: keep-alive|Content-Length: 2||ok"),),
        Read(200, b"ok", keep_alive=True),
    ),
    "up to the end of the connection": ((reply("HTTP/1.1 200 OK||ok"), END), Read(200, b"ok")),
    "in another coding than chunked": (
        (reply("HTTP/1.1 400 No|Transfer-Encoding: chunked, gzip||ok"), END),
        Read(400, b"ok"),
    ),
    "after interim ones": (
        (reply("HTTP/1.1 100 Continue||HTTP/1.1 103 Early Hints|Link: x||") + OK,),
        Read(200, b"ok", keep_alive=True),
    ),
    "that leaves HTTP": ((reply("HTTP/1.1 101 Switching|Upgrade: x|Connection: upgrade||\0\1"),), Read(101)),
    "with bare line feeds": ((b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",), Read(200, b"ok", keep_alive=True)),
    "and something more": ((OK + b"x",), Read(200, b"ok")),
    "and another one": ((OK + OK,), Read(200, b"ok")),
    "unfinished": ((reply("HTTP/1.1 200 OK|Content-Length: 5||ok"),), Read(200, b"ok", over=False)),
    "with other octets in a field": (
        (reply("HTTP/1.1 200 OK|X: \x01\xff\xe9|Content-Length: 0||"),),
        Read(200, keep_alive=True),
    ),
    "none": ((END,), Read(failure=HUNG_UP)),
    "half a head": ((b"HTTP/1.1 200", END), Read(failure=HUNG_UP)),
    "shorter than its length": (
        (reply("HTTP/1.1 200 OK|Content-Length: 5||ok"), END),
        Read(200, b"ok", failure=REPLY_BROKE_OFF),
    ),
    "chunked without an end": (
        (reply("HTTP/1.1 200 OK|Transfer-Encoding: Chunked||2|ok|"), END),
        Read(200, b"ok", failure=REPLY_BROKE_OFF),
    ),
    "chunked nonsense": (
        (reply("HTTP/1.1 200 OK|Transfer-Encoding: chunked||zz|"),),
        Read(200, failure=REPLY_BROKE_OFF),
    ),
    "a failure shorter than its length": ((reply("HTTP/1.1 413 No|Content-Length: 5||ok"), END), Read(413)),
    "a failure, chunked without an end": (
        (reply("HTTP/1.1 503 No|Transfer-Encoding: chunked||2|ok|"), END),
        Read(503),
    ),
    "a failure, chunked nonsense": ((reply("HTTP/1.1 401 No|Transfer-Encoding: chunked||2|ok|zz|"),), Read(401)),
    "a chunk longer than it says": (
        (reply("HTTP/1.1 200 OK|Transfer-Encoding: chunked||2|okay|"),),
        Read(200, b"ok", failure=REPLY_BROKE_OFF),
    ),
    "of two lengths": (
        (reply("HTTP/1.1 200 OK|Content-Length: 2|Content-Length: 3||ok"),),
        Read(failure=BAD_LENGTH),
    ),
    "of two lengths in a list": ((reply("HTTP/1.1 200 OK|Content-Length: 2, 3||ok"),), Read(failure=BAD_LENGTH)),
    "of one length twice": (
        (reply("HTTP/1.1 200 OK|Content-Length: 2|Server: x|content-length:2 ||ok"),),
        Read(200, b"ok"),
    ),
    "of one length three times": (
        (reply("HTTP/1.1 200 OK|Content-Length: 2|Content-Length: 2|Content-Length: 2||ok"),),
        Read(200, b"ok"),
    ),
    "of one length twice in a list": ((reply("HTTP/1.1 200 OK|Content-Length: 2, 2||ok"),), Read(200, b"ok")),
    "of one length twice, with bare line feeds": (
        (b"HTTP/1.1 200 OK\nContent-Length: 2\nContent-Length: 2\n\nok",),
        Read(200, b"ok"),
    ),
    "of one length twice, after an interim one": (
        (reply("HTTP/1.1 100 Continue||HTTP/1.1 200 OK|Content-Length: 2|Content-Length: 2||ok"),),
        Read(200, b"ok"),
    ),
    "of one length twice, and another reply": (
        (reply("HTTP/1.1 200 OK|Content-Length: 2|Content-Length: 2||ok") + OK,),
        Read(200, b"ok"),
    ),
    "of a length and chunked": (
        (reply("HTTP/1.1 200 OK|Content-Length: 2|Transfer-Encoding: chunked||2|ok|0||"),),
        Read(200, b"ok"),
    ),
    "chunked, and of a length": (
        (reply("HTTP/1.1 200 OK|Transfer-Encoding: Chunked|Content-Length: 2||2|ok|0||"),),
        Read(200, b"ok"),
    ),
    "chunked, and of another length": (
        (reply("HTTP/1.1 409 No|Content-Length: 99|Transfer-Encoding: chunked||2|ok|0||"),),
        Read(409, b"ok"),
    ),
    "chunked, and of two lengths": (
        (reply("HTTP/1.1 200 OK|Content-Length: 1|Content-Length: 5|Transfer-Encoding: chunked||2|ok|0||"),),
        Read(200, b"ok"),
    ),
    "chunked, and of a length that is none": (
        (reply("HTTP/1.1 200 OK|Content-Length: -1|Transfer-Encoding: chunked||2|ok|0||"),),
        Read(200, b"ok"),
    ),
    "of a length and the coding identity": (
        (reply("HTTP/1.1 200 OK|Content-Length: 2|Transfer-Encoding: identity||ok"),),
        Read(200, b"ok"),
    ),
    "of the coding identity, up to the end": (
        (reply("HTTP/1.1 200 OK|Transfer-Encoding: identity||ok"), END),
        Read(200, b"ok"),
    ),
    "of many lengths without an end of its head": (
        (reply("HTTP/1.1 200 OK|Content-Length: 2|Content-Length: 2|"), END),
        Read(failure=HUNG_UP),
    ),
    "of a negative length": ((reply("HTTP/1.1 200 OK|Content-Length: -2||"),), Read(failure=BAD_LENGTH)),
    "of no length, though named": ((reply("HTTP/1.1 200 OK|Content-Length:||"),), Read(failure=BAD_LENGTH)),
    "of a monstrous length": ((reply(f"HTTP/1.1 200 OK|Content-Length: {'9' * 30}||"),), Read(failure=BAD_LENGTH)),
    "with a field that has no name": ((reply("HTTP/1.1 200 OK|: x||"),), Read(failure=BAD_HEAD)),
    "of no status": ((reply("HTTP/1.1 000 Zero||"),), Read(failure=NOT_HTTP)),
    "of another protocol": ((b"220 mail.example ESMTP\r\n",), Read(failure=NOT_HTTP)),
    "compressed": ((coded("gzip", GZIP),), Read(200, b"ok", keep_alive=True)),
    "compressed, named loudly": ((coded("GZip", GZIP),), Read(200, b"ok", keep_alive=True)),
    "compressed, by its old name": ((coded("x-gzip", GZIP),), Read(200, b"ok", keep_alive=True)),
    "compressed in two members": (
        (coded("gzip", gzip.compress(b"o") + gzip.compress(b"k")),),
        Read(200, b"ok", keep_alive=True),
    ),
    "compressed, then padded": ((coded("gzip", GZIP + bytes(9)),), Read(200, b"ok", keep_alive=True)),
    "deflated": ((coded("deflate", zlib.compress(b"ok")),), Read(200, b"ok", keep_alive=True)),
    "deflated, without the zlib format": ((coded("deflate", RAW),), Read(200, b"ok", keep_alive=True)),
    "compressed twice": ((coded("deflate, gzip", TWICE),), Read(200, b"ok", keep_alive=True)),
    "compressed twice, in two fields": (
        (coded("deflate|Content-Encoding: gzip", TWICE),),
        Read(200, b"ok", keep_alive=True),
    ),
    "compressed, up to the end of the connection": (
        (reply("HTTP/1.1 200 OK|Content-Encoding: gzip||") + GZIP, END),
        Read(200, b"ok"),
    ),
    "a compressed error": ((coded("gzip", GZIP, 400),), Read(400, b"ok", keep_alive=True)),
    "of no coding": ((coded("", b"ok"),), Read(200, b"ok", keep_alive=True)),
    "of the coding identity": ((coded("Identity", b"ok"),), Read(200, b"ok", keep_alive=True)),
    "of a character set for a coding": ((coded("UTF-8", b"ok"),), Read(200, b"ok", keep_alive=True)),
    "of an unknown coding": ((coded("aes128gcm", b"ok"),), Read(200, b"ok", keep_alive=True)),
    "of identity and gzip": ((coded("identity,, gzip", GZIP),), Read(200, b"ok", keep_alive=True)),
    "decompressed on the way, the field left": ((coded("gzip", b"ok"),), Read(200, b"ok", keep_alive=True)),
    "one octet, called gzip": ((coded("gzip", b"x"),), Read(200, b"x", keep_alive=True)),
    "empty, called gzip": ((coded("gzip", b""),), Read(200, keep_alive=True)),
    "half compressed": ((coded("gzip", GZIP[:-9]),), Read(200, failure=UNDECODABLE, keep_alive=True)),
    "badly compressed": ((coded("gzip", GZIP[:-5] + b"12345"),), Read(200, failure=UNDECODABLE, keep_alive=True)),
    "an error that is badly compressed": ((coded("gzip", GZIP[:-5] + b"12345", 413),), Read(413, keep_alive=True)),
    "compressed too often": (
        (coded("gzip, gzip, gzip, gzip, gzip", b"ok"),),
        Read(200, failure=UNDECODABLE, keep_alive=True),
    ),
}


@pytest.mark.parametrize(("wire", "expected"), REPLIES.values(), ids=REPLIES)
def test_reply(wire: tuple[bytes | None, ...], expected: Read) -> None:
    """A reply is complete, or has one reason why not."""
    assert expected == read(*wire)


@pytest.mark.parametrize(("wire", "expected"), REPLIES.values(), ids=REPLIES)
def test_reply_octet_by_octet(wire: tuple[bytes | None, ...], expected: Read) -> None:
    """The cuts of TCP do not matter; the connection notices octets after a reply."""
    octets: list[bytes | None] = []
    for part in wire:
        octets += [END] if part is None else [bytes([octet]) for octet in part]
    result = read(*octets)
    assert (expected.status, expected.body, expected.failure) == (result.status, result.body, result.failure)


BOMBS = {
    "gzip": ("gzip", gzip.compress(bytes(LIMIT + 1))),
    "deflate": ("deflate", zlib.compress(bytes(10_000_000))),
    "one in another": ("gzip, gzip", gzip.compress(gzip.compress(bytes(10_000_000)))),
    "members without end": ("gzip", gzip.compress(b"") * LIMIT),
}


@pytest.mark.parametrize(("name", "body"), BOMBS.values(), ids=BOMBS)
@pytest.mark.parametrize("status", [200, 500])
def test_bomb(name: str, body: bytes, status: int) -> None:
    """The limit counts for the decoded body and for the octets on the wire."""
    assert TOO_LARGE == read(coded(name, body, status)).failure


def endless(text: bytes) -> Iterator[bytes]:
    """Yield *text* in as many pieces as a reader must not take."""
    yield from [text * 1000] * (MAX_MUTE // (1000 * len(text)) + 1)


ENDLESS = {
    "head": (b"HTTP/1.1 200 OK\r\nX: ", b"x", LONG_HEAD),
    "fields": (b"HTTP/1.1 200 OK\r\n", b"X: x\r\n", LONG_HEAD),
    "lengths": (b"HTTP/1.1 200 OK\r\n", b"Content-Length: 2\r\n", LONG_HEAD),
    "interim replies": (b"", b"HTTP/1.1 100 Continue\r\n\r\n", LONG_HEAD),
    "empty lines": (b"", b"\r\n", NOT_HTTP),
    "chunk extension": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x", REPLY_BROKE_OFF),
    "trailer": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ", b"x", REPLY_BROKE_OFF),
    "body": (b"HTTP/1.1 200 OK\r\n\r\n", b"x", TOO_LARGE),
}


@pytest.mark.parametrize(("start", "rest", "failure"), ENDLESS.values(), ids=ENDLESS)
def test_endless(start: bytes, rest: bytes, failure: Failure) -> None:
    """Every part of a reply has a limit."""
    assert failure == read(start, *endless(rest)).failure


def test_next_reply() -> None:
    """A reader starts anew with each reply."""
    reader = ReplyReader(LIMIT)
    for status in (200, 404):
        reader.begin()
        reader.receive_data(OK.replace(b"200", str(status).encode()))
        assert (status, b"ok", True) == (reader.status, reader.take_body(), reader.keep_alive)


def test_sink() -> None:
    """The sink gets the body until it has enough, without the limit for bodies in memory."""
    reader = ReplyReader(1)
    taken: list[bytes] = []

    def sink(piece: bytes) -> bool:
        taken.append(piece)
        return len(taken) < 2

    reader.sink = sink
    reader.receive_data(reply("HTTP/1.1 200 OK||one"))
    assert not reader.over
    reader.receive_data(b"two")
    assert ([b"one", b"two"], True, None) == (taken, reader.over, reader.failure)


def test_broken_connection_ends_no_reply() -> None:
    """A connection that was reset does not complete a reply whose end is that of the connection."""
    for wire, failure in ((b"", BROKE), (reply("HTTP/1.1 200 OK||ok"), REPLY_BROKE_OFF)):
        reader = ReplyReader(LIMIT)
        reader.receive_data(wire)
        reader.receive_end(clean=False)
        assert failure == reader.failure


def test_broken_connection_ends_a_failure() -> None:
    """The body of a reply that is no success is taken as far as it came, where the end of the connection is its own."""
    reader = ReplyReader(LIMIT)
    reader.receive_data(reply("HTTP/1.1 409 No||ok"))
    reader.receive_end(clean=False)
    assert (True, b"ok", None) == (reader.complete, reader.take_body(), reader.failure)


FRAGMENTS = st.sampled_from(
    [
        b"HTTP/1.1 ",
        b"HTTP/1.0 200 OK\r\n",
        b"200 OK\r\n",
        b"100 Continue\r\n\r\n",
        b"101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"Content-Length: ",
        b"Content-Length: 2\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Encoding: gzip\r\n",
        b"Connection: close\r\n",
        b"5\r\n",
        b"0\r\n",
        b"\r\n",
        b"\n",
        b":",
        b" ",
        OK,
        CHUNKED,
    ]
)


@given(st.lists(st.one_of(FRAGMENTS, st.binary(max_size=20)), max_size=30), st.booleans())
def test_never_raises(wire: list[bytes], clean: bool) -> None:
    """Whatever comes, in whatever pieces, ends as a reply or a failure, and never as both."""
    reader = ReplyReader(50)
    for part in wire:
        reader.receive_data(part)
    reader.receive_end(clean=clean)
    assert reader.over
    assert len(reader.take_body()) <= 50 or reader.failure is not None
    assert reader.failure is None or not reader.keep_alive or reader.complete


@given(st.binary(max_size=300), st.integers(1, 50))
def test_any_cut(body: bytes, size: int) -> None:
    """A chunked reply means the same however it is cut into chunks and segments."""
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    wire = reply("HTTP/1.1 200 OK|Transfer-Encoding: chunked||")
    wire += b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    segments = [wire[start : start + size] for start in range(0, len(wire), size)]
    assert Read(200, body, keep_alive=True) == read(*segments)


KEPT = {
    "a success that is too long": (200, Kept(10, or_fail=True), b"", OUT_OF_PROPORTION),
    "one that is just not": (200, Kept(30, or_fail=True), b"x" * 30, None),
    "an error, whose beginning is read": (500, Kept(10, or_fail=True), b"x" * 10, None),
    "a verdict, of which one octet more is enough": (200, Kept(10), b"x" * 10, None),
}


@pytest.mark.parametrize("coding", ["", "gzip"])
@pytest.mark.parametrize(("status", "kept", "body", "failure"), KEPT.values(), ids=KEPT)
def test_kept(status: int, kept: Kept, body: bytes, failure: Failure | None, coding: str) -> None:
    """Of a body that is too long the beginning is kept, or it is a failure."""
    reader = ReplyReader(LIMIT)
    reader.kept = kept
    sent = gzip.compress(b"x" * 30) if coding else b"x" * 30
    head = f"HTTP/1.1 {status} ?\r\nContent-Length: {len(sent)}\r\nContent-Encoding: {coding or 'identity'}\r\n\r\n"
    for octet in head.encode() + sent:
        reader.receive_data(bytes([octet]))
    assert failure == reader.failure
    assert failure or reader.take_body() == body


@pytest.mark.parametrize(
    ("status", "coding"), [(200, ""), (200, "gzip"), (500, ""), (500, "gzip")], ids=lambda value: str(value) or "plain"
)
def test_no_more_than_kept(status: int, coding: str) -> None:
    """An endless reply is over when all that is kept of it has come; its connection is not used again."""
    reader = ReplyReader(16 << 20)
    reader.kept = Kept(100_000)
    head = f"HTTP/1.1 {status} ?\r\nContent-Encoding: {coding or 'identity'}\r\n\r\n".encode()
    body = bytes(4 << 20)
    reader.receive_data(head + (gzip.compress(body) if coding else body))
    assert (True, False, None) == (reader.over, reader.keep_alive, reader.failure)
    assert reader._octets <= 100_000 + MAX_MUTE
    assert reader._length <= 100_000 + MAX_MUTE
    assert bytes(100_000) == reader.take_body()


def test_chunks_are_taken_together() -> None:
    """The work is done for each piece of a body, not for each of its chunks."""
    reader = ReplyReader(LIMIT)
    taken: list[bytes] = []

    def sink(piece: bytes) -> bool:
        taken.append(piece)
        return True

    reader.sink = sink
    reader.receive_data(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 1000 + b"0\r\n\r\n")
    assert [b"x" * 1000] == taken


def test_kept_of_one_reply_only() -> None:
    """The limit of one reply does not count for the next one."""
    reader = ReplyReader(LIMIT)
    reader.kept = Kept(1)
    for expected in (b"x", b"xyz"):
        reader.receive_data(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nxyz")
        assert expected == reader.take_body()
        reader.begin()


@pytest.mark.parametrize("size", [1000, 100_000, 1_000_000])
def test_tiny_chunks(size: int) -> None:
    """A body in chunks of one octet is given up when their framing has cost much more than the body."""
    reader = ReplyReader(16 << 20)
    wire = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 200_000
    at = 0
    while not reader.over:
        reader.receive_data(wire[at : at + size])
        at += size
    assert REPLY_BROKE_OFF == reader.failure
    assert at <= 2 * MAX_MUTE + size
    assert reader._wire <= MAX_MUTE * 3 // 2 + STEP, "more that came at once was read than shows that it is too much"


def test_small_chunks() -> None:
    """Chunks of ten octets are a reply, however many."""
    wire = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"a\r\n0123456789\r\n" * 50_000 + b"0\r\n\r\n"
    reader = ReplyReader(16 << 20)
    for at in range(0, len(wire), 1000):
        reader.receive_data(wire[at : at + 1000])
    assert (True, 500_000) == (reader.complete, len(reader.take_body()))


@pytest.mark.parametrize(
    "wire",
    [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"],
    ids=["fields", "trailers"],
)
def test_fields_without_end(wire: bytes) -> None:
    """No more fields are held than a head may have, and none of a trailer."""
    reader = ReplyReader(LIMIT)
    reader.receive_data(wire + b"a:b\r\n" * 100_000)
    assert reader.failure is not None
    assert len(reader.fields) <= MAX_FIELDS


@pytest.mark.parametrize(
    ("wire", "is_body"),
    [
        (b"", False),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 5000, False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + b"x" * 5000, True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 900, False),
    ],
    ids=["nothing", "head", "body", "tiny chunks"],
)
def test_body_or_framing(wire: bytes, is_body: bool) -> None:
    """Framing, which costs a call for a few octets, is read in smaller pieces than a body."""
    reader = ReplyReader(LIMIT * 100)
    reader.receive_data(wire)
    assert is_body == reader.is_body


def test_memory_of_small_pieces() -> None:
    """A body that comes octet by octet takes little more memory than its octets."""
    reader = ReplyReader(1 << 20)
    reader.receive_data(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    tracemalloc.start()
    try:
        for _ in range(100_000):
            reader.receive_data(b"x")
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert used < 150_000
    assert b"x" * 100_000 == reader.take_body()


def test_many_lengths_in_single_octets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A head with one length twice, in single octets, is read at its end, and once for an interim head before it."""
    heads = list[bytes]()

    def settle(octets: bytes) -> bytes | None:
        heads.append(octets)
        return settle_length(octets)

    monkeypatch.setattr(http1, "settle_length", settle)
    wire = reply("HTTP/1.1 100 Continue||HTTP/1.1 200 OK|Content-Length: 2|Content-Length: 2|") + reply("X: y|") * 99
    wire += reply("|ok")
    assert Read(200, b"ok") == read(*(bytes([octet]) for octet in wire))
    assert 2 == len(heads)
