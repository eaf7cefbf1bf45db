"""Cuts a byte stream into MLLP release 1 blocks: ``0B`` payload ``1C 0D``.

A payload is searched once and copied once: straight from the chunk when one read brought the block whole, else chunk by
chunk into a buffer that becomes the payload. Nothing depends on how TCP cut the stream.
"""

import re
import sys
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import Literal

BlockEnd = Literal["1c0d", "1c"]

START = b"\x0b"
END = b"\x1c\x0d"
MOST_STRAY = 65_536
"""Stray octets that are skipped before one block: some peers send one now and then to keep the connection."""

_STRAY = re.compile(rb"[\r\n\0 ]*")
_START = START[0]
_END_FIRST, _END_LAST = END


class Fault(StrEnum):
    """Why a stream cannot be read any further."""

    NO_START = "expected 0x0B at the start of a block"
    TOO_LARGE = "block is larger than max_block"
    TOO_MUCH_STRAY = "too many octets between blocks"
    UNFINISHED = "stream ended inside a block"


class OctetClass(StrEnum):
    """What kind of octet stood where a block should start: enough to find the fault, not enough to tell the content."""

    CONTROL = "control"
    DIGIT = "digit"
    LETTER = "letter"
    PUNCTUATION = "punctuation"
    NOT_ASCII = "not ASCII"


@dataclass(frozen=True, slots=True)
class Block:
    """One whole block."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Skipped:
    """*count* stray octets stood between blocks."""

    count: int


@dataclass(frozen=True, slots=True)
class Broken:
    """The stream cannot be read any further; always the last event."""

    fault: Fault
    offset: int
    """Of the offending octet in the stream."""
    octet: OctetClass | None = None
    """With ``NO_START``: what stood there."""


Event = Block | Skipped | Broken


def frame(payload: bytes) -> bytes:
    """Return *payload* as one block."""
    return START + payload + END


class Framer:
    """Cut a byte stream into events. The caller owns the socket and the timers."""

    def __init__(self, max_block: int, block_end: BlockEnd = "1c0d") -> None:
        self._max_block = max_block
        self._end = END if block_end == "1c0d" else END[:1]
        self._partial: BytesIO | None = None  # what has arrived of the block that has begun
        self._half_end = False  # the last octet of _partial may begin END
        self._stray = 0
        self._ended_short = False  # END was cut to 1C: a CR right behind it still belongs to the block
        self._offset = 0  # of the next chunk in the stream
        self._held, self._held_at = b"", 0  # a chunk whose events were not all asked for, and where they go on
        self._block_offset = 0  # of the first payload octet in the stream
        self._events: list[Event] = []
        self._broken = False

    @property
    def inside_block(self) -> bool:
        """Whether a block has begun and not ended."""
        return self._partial is not None

    @property
    def kept(self) -> int:
        """Octets that are kept of the block that has begun."""
        return 0 if self._partial is None else self._partial.tell()

    @property
    def block_offset(self) -> int:
        """Where in the stream the payload of the last block that has begun begins."""
        return self._block_offset

    @property
    def held(self) -> int:
        """Octets that were received and are not looked at yet."""
        return len(self._held) - self._held_at

    @property
    def has_more(self) -> bool:
        """Whether there may be more events in what was received: the next call returns them."""
        return self._held_at < len(self._held) and not self._broken

    def receive_data(self, data: bytes, most: int = sys.maxsize) -> list[Event]:
        """Return the events that *data* completes, in wire order. Never raises.

        Once there are *most*, the rest is left to the next call, whose *data* may be empty.
        """
        if self.has_more:
            data, at = (self._held + data, self._held_at) if data else (self._held, self._held_at)
        else:
            at = 0
        size = len(data)
        while at < size and not self._broken and len(self._events) < most:
            at = (
                self._between_blocks(data, at) if self._partial is None else self._inside_block(data, at, self._partial)
            )
        if at < size:
            self._held, self._held_at = data, at
        else:
            self._held, self._held_at = b"", 0
            self._offset += size
        events, self._events = self._events, []
        return events

    def receive_eof(self) -> list[Event]:
        """Return the events that were not asked for yet, and those that the end of the stream completes."""
        events = self.receive_data(b"")
        self._report_stray()
        if self._partial is not None:
            self._break(Fault.UNFINISHED, 0)
        events += self._events
        self._events = []
        return events

    def _between_blocks(self, data: bytes, at: int) -> int:
        if data[at] != _START:
            return self._skip(data, at)
        self._report_stray()
        self._ended_short = False
        start = at + 1
        self._block_offset = self._offset + start
        end = data.find(self._end, start)
        if end < 0:
            self._partial = BytesIO()
            return self._keep(data, start, self._partial)
        if end - start > self._max_block:
            return self._break_too_large()
        return self._finish(data[start:end], end)

    def _inside_block(self, data: bytes, at: int, partial: BytesIO) -> int:
        if self._half_end and data[at] == _END_LAST:
            partial.truncate(partial.tell() - 1)
            return self._finish_partial(at - 1, partial)
        end = data.find(self._end, at)
        if end < 0:
            return self._keep(data, at, partial)
        partial.write(memoryview(data)[at:end])
        return self._finish_partial(end, partial)

    def _keep(self, data: bytes, at: int, partial: BytesIO) -> int:
        partial.write(memoryview(data)[at:])
        self._half_end = at < len(data) and data[-1] == _END_FIRST
        if partial.tell() - self._half_end > self._max_block:
            return self._break_too_large()
        return len(data)

    def _finish_partial(self, end: int, partial: BytesIO) -> int:
        payload = partial.getvalue()
        if len(payload) > self._max_block:
            return self._break_too_large()
        return self._finish(payload, end)

    def _finish(self, payload: bytes, end: int) -> int:
        self._partial = None
        self._half_end = False
        self._ended_short = len(self._end) == 1
        self._events.append(Block(payload))
        return end + len(self._end)

    def _skip(self, data: bytes, at: int) -> int:
        if self._ended_short:
            self._ended_short = False
            if data[at] == _END_LAST:
                return at + 1
        found = _STRAY.match(data, at)
        after = found.end() if found else at
        if self._stray + after - at > MOST_STRAY:
            return self._break(Fault.TOO_MUCH_STRAY, at + MOST_STRAY - self._stray)
        self._stray += after - at
        if after < len(data) and data[after] != _START:
            self._report_stray()
            return self._break(Fault.NO_START, after, _octet_class(data[after]))
        return after

    def _report_stray(self) -> None:
        if self._stray:
            self._events.append(Skipped(self._stray))
            self._stray = 0

    def _break_too_large(self) -> int:
        return self._break(Fault.TOO_LARGE, self._block_offset + self._max_block - self._offset)

    def _break(self, fault: Fault, at: int, octet: OctetClass | None = None) -> int:
        """Report *fault* at chunk offset *at*, and let go of what was kept."""
        self._events.append(Broken(fault, self._offset + at, octet))
        self._broken = True
        self._partial = None
        self._stray = 0
        return at


def _octet_class(octet: int) -> OctetClass:
    char = chr(octet)
    if octet > 0x7E:
        return OctetClass.NOT_ASCII if octet > 0x7F else OctetClass.CONTROL
    if char.isalpha():
        return OctetClass.LETTER
    if char.isdigit():
        return OctetClass.DIGIT
    return OctetClass.CONTROL if octet < 0x20 else OctetClass.PUNCTUATION
