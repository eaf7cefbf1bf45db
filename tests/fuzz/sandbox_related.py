"""The sandbox's reader of multipart uploads: the content does not depend on the cut, and what it holds is bounded."""

from gateway.sandbox.reasoned_error import ReasonedError
from gateway.sandbox.storage.related import MOST_HEAD, Related
from tests.fuzz.source import Source, cut

BOUNDARIES = ("b", "=====1==", "a b", "\u00e9")
LARGEST_PIECE = 256


def target(data: bytes) -> None:
    """Read the octets as a body, in large pieces and in small ones."""
    source = Source(data)
    boundary, sizes = source.choice(BOUNDARIES), source.sizes()
    body = source.rest()
    assert _read(boundary, body, b"\xff") == _read(boundary, body, sizes)


def _read(boundary: str, body: bytes, sizes: bytes) -> tuple[object, ...]:
    related, content = Related(boundary), b""
    try:
        for piece in cut(body, sizes):
            content += related.feed(piece)
            assert len(related._buffer) <= MOST_HEAD + LARGEST_PIECE
    except ReasonedError as error:
        return (error.status,)
    if not related.is_complete:
        return ("cut", related.resource)
    return content, related.resource, related.content_type
