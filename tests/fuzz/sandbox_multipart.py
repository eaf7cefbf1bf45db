"""The sandbox's multipart reader: the parts do not depend on the cut, and what it holds is bounded."""

from gateway.sandbox.dicom.multipart import (
    MAX_HEADERS,
    Broken,
    Event,
    Finished,
    MultipartReader,
    PartBegun,
    PartContent,
    PartEnded,
)
from tests.fuzz.source import Source, cut

BOUNDARIES = ("b", "-", "0123456789abcdef" * 4, "a b", "\u00e9")
LARGEST_PIECE = 256


def target(data: bytes) -> None:
    """Read the octets as a body, in large pieces and in small ones."""
    source = Source(data)
    boundary, sizes = source.choice(BOUNDARIES), source.sizes()
    body = source.rest()
    large = _read(boundary, body, b"\xff")
    assert large == _read(boundary, body, sizes)
    assert not any(isinstance(event, Broken) for event in large[:-1])
    assert sum(isinstance(event, Finished | Broken) for event in large) == 1


def _read(boundary: str, body: bytes, sizes: bytes) -> list[Event]:
    reader, events = MultipartReader(boundary), list[Event]()
    for piece in cut(body, sizes):
        events += reader.receive_data(piece)
        assert len(reader._buffer) <= MAX_HEADERS + LARGEST_PIECE + 4
    return _joined(events + reader.receive_end())


def _joined(events: list[Event]) -> list[Event]:
    """Return *events* with the content of each part as one, and in the order that a part has."""
    joined: list[Event] = []
    for event in events:
        last = joined[-1] if joined else None
        match event, last:
            case PartContent(data), PartContent(before):
                joined[-1] = PartContent(before + data)
            case (PartContent(), PartBegun()) | ((PartBegun() | PartEnded() | Finished() | Broken()), _):
                joined.append(event)
            case _:
                raise AssertionError("content outside a part")
    return joined
