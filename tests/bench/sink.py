"""An HTTP store that discards what it is sent and answers at once, or after a fixed time."""

import argparse
import asyncio
import base64
import re
from typing import cast

import uvloop

ACK = b"MSH|^~\\&|SINK|BENCH|TEST|WARD|20260102030405||ACK^A01^ACK|1|P|2.5.1\rMSA|AA|\r"
HEAD_END, LINE_END = b"\r\n\r\n", b"\r\n"
BUFFER = 1 << 18
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


def reply(kind: bytes, body: bytes) -> bytes:
    """Return a 200 with *body*."""
    return b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (kind, len(body), body)


REPLIES = {  # by the end of the path
    b"/hl7": reply(b"x-application/hl7-v2+er7", ACK),
    b"/messages:ingest": reply(b"application/json", b'{"hl7Ack":"%b"}' % base64.b64encode(ACK)),
}
OTHER = reply(b"text/plain", b"")
UID_ELEMENT = b"\x02\x00\x03\x00UI"
"""Media Storage SOP Instance UID, before its length (PS3.10 7.1)."""


def stored(uid: bytes) -> bytes:
    """Return the reply to a store transaction: Referenced SOP Sequence names the instance (PS3.18 10.5.3)."""
    item = b'{"00081155":{"vr":"UI","Value":["%b"]}}' % uid
    return reply(b"application/dicom+json", b'{"00081199":{"vr":"SQ","Value":[%b]}}\n' % item)


class Discard(asyncio.BufferedProtocol):
    """One connection. A body is skipped in the buffer, not copied out of it."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._buffer = bytearray(BUFFER)
        self._view = memoryview(self._buffer)
        self._held = 0  # octets at the front of the buffer: a head or chunk line that is not complete yet
        self._skip = 0
        self._chunked = False
        self._names = False  # the reply has to name the instance, which has not been found yet
        self._reply = OTHER
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where the next octets go."""
        return self._view[self._held :]

    def buffer_updated(self, nbytes: int) -> None:
        """Take what has arrived."""
        at, end = 0, self._held + nbytes
        while at < end and (after := self._step(at, end)) > at:
            at = after
        self._held = end - at
        self._view[: self._held] = self._view[at:end]

    def _step(self, at: int, end: int) -> int:
        if self._skip:
            step = min(self._skip, end - at)
            if self._names:
                self._find_name(at, at + step)
            self._skip -= step
            if not self._skip and not self._chunked:
                self._answer()
            return at + step
        mark = LINE_END if self._chunked else HEAD_END
        found = self._buffer.find(mark, at, end)
        if found < 0:
            return at
        (self._chunk if self._chunked else self._head)(bytes(self._view[at:found]))
        return found + len(mark)

    def _head(self, head: bytes) -> None:
        path = head[: head.index(b" HTTP/")]
        self._reply = next((reply for end, reply in REPLIES.items() if path.endswith(end)), OTHER)
        self._names = path.endswith(b"/studies")
        self._chunked = CHUNKED.search(head) is not None
        length = LENGTH.search(head)
        self._skip = int(length[1]) if length else 0
        if not self._skip and not self._chunked:
            self._answer()

    def _chunk(self, line: bytes) -> None:
        size = int(line, 16)
        self._skip = size + len(LINE_END)
        self._chunked = size > 0

    def _find_name(self, at: int, end: int) -> None:
        """Look for the name of the instance; a client writes the whole of a Part 10 header at once."""
        found = self._buffer.find(UID_ELEMENT, at, end)
        if found >= 0:
            self._names = False
            start = found + len(UID_ELEMENT) + 2
            length = int.from_bytes(self._view[start - 2 : start], "little")
            self._reply = stored(bytes(self._view[start : start + length]).rstrip(b"\0"))

    def _answer(self) -> None:
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._transport.write, self._reply)
        else:
            self._transport.write(self._reply)


async def serve(port: int, delay: float) -> None:
    """Serve on *port* until the process is ended."""
    server = await asyncio.get_running_loop().create_server(lambda: Discard(delay), "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--delay", type=float, default=0.0, metavar="SECONDS")
    options = parser.parse_args()
    uvloop.run(serve(options.port, options.delay))
