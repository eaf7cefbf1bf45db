"""The reader of multipart bodies."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sandbox.dicom.multipart import Broken, Event, Finished, MultipartReader, PartBegun, PartContent, PartEnded

TYPE = {"content-type": "application/dicom"}
HEAD = b"Content-Type: application/dicom\r\n\r\n"


def part(content: bytes, headers: dict[str, str] | None = None) -> list[Event]:
    """Return the events of one part."""
    contents: list[Event] = [PartContent(content)] if content else []
    return [PartBegun(TYPE if headers is None else headers), *contents, PartEnded()]


WHOLE: dict[str, tuple[bytes, list[Event]]] = {
    "one part": (b"--B\r\n" + HEAD + b"abc\r\n--B--", [*part(b"abc"), Finished()]),
    "a CRLF in front, as some clients send": (b"\r\n--B\r\n" + HEAD + b"abc\r\n--B--", [*part(b"abc"), Finished()]),
    "two parts": (
        b"--B\r\n" + HEAD + b"abc\r\n--B\r\n" + HEAD + b"def\r\n--B--\r\n",
        [*part(b"abc"), *part(b"def"), Finished()],
    ),
    "preamble and epilogue": (b"hello\r\n--B\r\n" + HEAD + b"x\r\n--B--\r\nbye", [*part(b"x"), Finished()]),
    "an empty part": (b"--B\r\n" + HEAD + b"\r\n--B--", [*part(b""), Finished()]),
    "no headers": (b"--B\r\n\r\nabc\r\n--B--", [*part(b"abc", {}), Finished()]),
    "white space after the delimiter": (b"--B \t\r\n" + HEAD + b"x\r\n--B--", [*part(b"x"), Finished()]),
    "content that looks like a delimiter": (
        b"--B\r\n" + HEAD + b"\r\n--\r\n-B--B\r\n--A\r\r\n--B--",
        [*part(b"\r\n--\r\n-B--B\r\n--A\r"), Finished()],
    ),
    "no part": (b"--B--", [Finished()]),
}


def read(pieces: Iterator[bytes]) -> list[Event]:
    """Return the events of a body, with contents that follow each other joined."""
    reader = MultipartReader("B")
    events: list[Event] = []
    for event in [*(event for piece in pieces for event in reader.receive_data(piece)), *reader.receive_end()]:
        if isinstance(event, PartContent) and events and isinstance(events[-1], PartContent):
            event = PartContent(events.pop().data + event.data)  # type: ignore[union-attr]  # noqa: PLW2901
        events.append(event)
    return events


def cut(body: bytes, size: int) -> Iterator[bytes]:
    """Yield *body* in pieces."""
    return (body[start : start + size] for start in range(0, len(body), size))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(("body", "events"), WHOLE.values(), ids=WHOLE)
def test_whole(body: bytes, events: list[Event], size: int) -> None:
    """The events do not depend on how the octets were cut."""
    assert events == read(cut(body, size))


BROKEN = {
    "no delimiter": (b"abc", "the body ends in the preamble"),
    "empty": (b"", "the body ends in the preamble"),
    "cut off in the headers": (b"--B\r\nContent-", "the body ends in the headers of a part"),
    "cut off in the content": (b"--B\r\n" + HEAD + b"abc", "the body ends in the content of a part"),
    "cut off before the closing delimiter": (
        b"--B\r\n" + HEAD + b"abc\r\n--B",
        "the body ends in the line of a delimiter",
    ),
    "junk after a delimiter": (b"--Bxy\r\n", "a delimiter is not followed by the end of its line"),
    "endless white space": (b"--B" + b" " * 20000, "a delimiter is not followed by the end of its line"),
    "endless headers": (b"--B\r\n" + b"x" * 20000, "the headers of a part are too long"),
    "long headers": (b"--B\r\n" + b"x" * 20000 + b"\r\n\r\n", "the headers of a part are too long"),
}


@pytest.mark.parametrize("size", [1, 1000, 100000])
@pytest.mark.parametrize(("body", "reason"), BROKEN.values(), ids=BROKEN)
def test_broken(body: bytes, reason: str, size: int) -> None:
    """A body that is not whole multipart ends with the reason, once."""
    assert [Broken(reason)] == [event for event in read(cut(body, size)) if isinstance(event, Broken)]


@given(st.binary(), st.lists(st.binary(max_size=30), max_size=3), st.integers(1, 40))
def test_any_octets(noise: bytes, contents: list[bytes], size: int) -> None:
    """No octets make the reader raise, and contents without the boundary come out as they went in."""
    body = b"".join(b"\r\n--B\r\n" + HEAD + content.replace(b"--B", b"") for content in contents) + b"\r\n--B--" + noise
    events = read(cut(body, size))
    assert [c.replace(b"--B", b"") for c in contents if c.replace(b"--B", b"")] == [
        event.data for event in events if isinstance(event, PartContent)
    ]
    read(cut(noise, size))


def test_memory() -> None:
    """Of a long content no more is held back than a delimiter could take."""
    reader = MultipartReader("B")
    reader.receive_data(b"--B\r\n" + HEAD)
    passed = [event.data for event in reader.receive_data(b"x" * 100000) if isinstance(event, PartContent)]
    assert sum(map(len, passed)) > 100000 - 10
