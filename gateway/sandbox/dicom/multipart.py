"""A sans-IO parser of ``multipart/related`` bodies of any length (RFC 2046 5.1.1).

Between two delimiters there is a part: header lines, an empty line, and content up to the CRLF that belongs to the next
delimiter. Octets before the first delimiter and after the last one are discarded. Content is passed on as it arrives,
except for the last octets, which may be the beginning of a delimiter.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

MAX_HEADERS = 16 * 1024
MAX_PADDING = 256
CLOSING = b"--"
# RFC 2046 5.1.1: a delimiter line may end in white space.
LINE_END = re.compile(rb"[ \t]*\r\n")


@dataclass(frozen=True, slots=True)
class PartBegun:
    """A part begins; the names of its header fields are in lower case."""

    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PartContent:
    """The next octets of the part."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PartEnded:
    """The part is complete."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The closing delimiter has arrived: the body is complete."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The body is not valid multipart; no event follows."""

    reason: str


Event = PartBegun | PartContent | PartEnded | Finished | Broken


class State(Enum):
    """What the next octets belong to."""

    PREAMBLE = "preamble"
    DELIMITER = "line of a delimiter"
    HEADERS = "headers of a part"
    CONTENT = "content of a part"
    EPILOGUE = "epilogue"
    BROKEN = "broken"


class MultipartReader:
    """Turns octets, which may be split anywhere, into events."""

    def __init__(self, boundary: str) -> None:
        self._delimiter = b"\r\n--" + boundary.encode("utf-8", "surrogateescape")
        # The first delimiter may be at the very start, without a CRLF before it.
        self._buffer = bytearray(b"\r\n")
        self._state = State.PREAMBLE

    def receive_data(self, data: bytes) -> list[Event]:
        """Return the events that *data* completes, in order. Never raises."""
        events: list[Event] = []
        self._buffer += data
        while self._advance(events):
            pass
        return events

    def receive_end(self) -> list[Event]:
        """Report the end of the body; return ``Broken`` if the body is not complete."""
        if self._state in (State.EPILOGUE, State.BROKEN):
            return []
        return [self._break(f"the body ends in the {self._state.value}")]

    def _advance(self, events: list[Event]) -> bool:
        """Take one step; return whether the buffered octets may allow another one."""
        match self._state:
            case State.PREAMBLE:
                return self._skip_preamble()
            case State.DELIMITER:
                return self._read_delimiter(events)
            case State.HEADERS:
                return self._read_headers(events)
            case State.CONTENT:
                return self._read_content(events)
            case State.EPILOGUE | State.BROKEN:
                self._buffer.clear()
                return False

    def _skip_preamble(self) -> bool:
        found = self._buffer.find(self._delimiter)
        if found < 0:
            del self._buffer[: self._before_a_delimiter()]
            return False
        return self._enter(State.DELIMITER, found + len(self._delimiter))

    def _read_delimiter(self, events: list[Event]) -> bool:
        if self._buffer.startswith(CLOSING):
            events.append(Finished())
            return self._enter(State.EPILOGUE, len(CLOSING))
        line_end = LINE_END.match(self._buffer)
        if line_end:
            # The CRLF stays: a part without headers begins with the empty line at once.
            return self._enter(State.HEADERS, line_end.end() - 2)
        could_still_match = len(self._buffer) < 2 or not self._buffer.strip(b" \t").rstrip(b"\r")
        if could_still_match and len(self._buffer) < MAX_PADDING:
            return False
        events.append(self._break("a delimiter is not followed by the end of its line"))
        return False

    def _read_headers(self, events: list[Event]) -> bool:
        found = self._buffer.find(b"\r\n\r\n")
        if max(found, len(self._buffer) if found < 0 else 0) > MAX_HEADERS:
            events.append(self._break("the headers of a part are too long"))
            return False
        if found < 0:
            return False
        events.append(PartBegun(_parse_headers(bytes(self._buffer[:found]))))
        return self._enter(State.CONTENT, found + 4)

    def _read_content(self, events: list[Event]) -> bool:
        found = self._buffer.find(self._delimiter)
        size = found if found >= 0 else self._before_a_delimiter()
        if size > 0:
            with memoryview(self._buffer) as octets:  # a slice of the buffer itself would be copied twice
                events.append(PartContent(bytes(octets[:size])))
        if found < 0:
            del self._buffer[:size]
            return False
        events.append(PartEnded())
        return self._enter(State.DELIMITER, found + len(self._delimiter))

    def _before_a_delimiter(self) -> int:
        """Return how many octets of the buffer cannot belong to a delimiter that is not complete yet."""
        return max(0, len(self._buffer) - len(self._delimiter) + 1)

    def _enter(self, state: State, taken: int) -> bool:
        del self._buffer[:taken]
        self._state = state
        return True

    def _break(self, reason: str) -> Broken:
        self._state = State.BROKEN
        self._buffer.clear()
        return Broken(reason)


def _parse_headers(block: bytes) -> dict[str, str]:
    lines = block.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
