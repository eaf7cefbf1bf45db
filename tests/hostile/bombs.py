"""What hostile stores answer: replies made to take memory, time, or the place of others, as pieces without end."""

import gzip
from collections.abc import Callable, Iterator, Mapping
from itertools import repeat

from tests.faults.raw_store import http

MIB = 1 << 20
JSON, XML, PLAIN = "application/json", "application/dicom+xml", "text/plain"
Pieces = Iterator[bytes]
SLOW = b""
"""A piece that stands for a pause."""


def _whole(body: bytes, kind: str, *headers: str, status: str = "200 OK") -> Callable[[], Pieces]:
    return lambda: iter([http(status, body, f"Content-Type: {kind}", *headers)])


def _begin(*headers: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", *headers, "", ""]).encode()


def _endless(beginning: bytes, piece: bytes) -> Callable[[], Pieces]:
    def pieces() -> Pieces:
        yield beginning
        yield from repeat(piece)

    return pieces


def _slow(beginning: bytes, octet: bytes) -> Callable[[], Pieces]:
    def pieces() -> Pieces:
        yield beginning
        while True:
            yield SLOW
            yield octet

    return pieces


CHUNKED = "Transfer-Encoding: chunked"
LAUGHS = b'<!DOCTYPE a [<!ENTITY a "ha">%b]><NativeDicomModel>&z;</NativeDicomModel>' % b"".join(
    b'<!ENTITY %c "%b">' % (letter, b"&%c;" % (letter - 1) * 50) for letter in range(ord("b"), ord("z") + 1)
)
PART = b"--b\r\nContent-Type: application/dicom\r\n\r\n\r\n"
RELATED = 'multipart/related; type="application/dicom"; boundary=b'
BOMBS: Mapping[str, Callable[[], Pieces]] = {
    # No bomb, but the measure for the others: what six more peers cost whose messages are refused.
    "refusal": _whole(b"no", PLAIN, status="500 No"),
    "json_deep": _whole(b"[" * 15 * MIB, JSON),
    "json_flat": _whole(b'{"a":[' + b"{}," * 5 * MIB + b"{}]}", JSON),
    "json_long": _whole(b'{"hl7Ack":"' + b"A" * 15 * MIB + b'"}', JSON),
    "json_just_allowed": _whole(b'{"message":[' + b"{}," * 320_000 + b"{}]}", JSON),
    "xml_deep": _whole(b"<a>" * 5 * MIB, XML),
    "xml_laughs": _whole(LAUGHS, XML),
    "xml_attributes": _whole(b"<a " + b"".join(b'a%d="" ' % number for number in range(50_000)) + b"/>", XML),
    "multipart": _whole(PART * 300_000 + b"--b--", RELATED),
    "multipart_boundaries": _whole(b"--b\r\n" * 3 * MIB, RELATED),
    "chunks_of_one_octet": _endless(_begin(CHUNKED), b"1\r\nx\r\n" * 10_000),
    "chunk_extension": _endless(_begin(CHUNKED) + b"1;", b"x" * 65_536),
    "chunk_size": _endless(_begin(CHUNKED), b"0" * 65_536),
    "trailers": _endless(_begin(CHUNKED) + b"0\r\n", b"X-Trailer: x\r\n" * 4000),
    "header_fields": _endless(b"HTTP/1.1 200 OK\r\n", b"X-Field: x\r\n" * 5000),
    "header_line": _endless(b"HTTP/1.1 200 OK\r\nX-Field: ", b"x" * 65_536),
    "interim_replies": _endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 2000),
    "status_line": _endless(b"HTTP/1.1 200 ", b"x" * 65_536),
    "gzip": _whole(gzip.compress(bytes(512 * MIB), 1), JSON, "Content-Encoding: gzip"),
    "endless": _endless(_begin(), b"x" * 65_536),
    "endless_error": _endless(b"HTTP/1.1 500 No\r\nContent-Type: text/html\r\n\r\n", b"<p>" * 20_000),
    "slow_head": _slow(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
    "slow_body": _slow(_begin("Content-Length: 1000000"), b"x"),
    "slow_chunks": _slow(_begin(CHUNKED), b"1\r\nx\r\n"),
    "silent": _slow(b"", b""),
}
TIMED = frozenset({"slow_head", "slow_body", "slow_chunks", "silent"})
"""Those that only the gateway's time limits end."""
