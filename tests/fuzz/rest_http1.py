"""The reader of HTTP replies: the reply does not depend on the cut, and what it holds is bounded."""

from collections.abc import Iterable
from datetime import UTC, datetime

from adapters.rest.http.http1 import MAX_MUTE, ReplyReader
from adapters.rest.http.reply import parse_retry_after
from tests.fuzz.source import Source, cut

MAX_BODY = 256
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def target(data: bytes) -> None:
    """Read the octets as what a store sends until it hangs up."""
    source = Source(data)
    clean, sizes = bool(source.octet() & 1), source.sizes()
    wire = source.rest()
    whole = _read([wire], clean=clean)
    assert whole == _read(cut(wire, sizes), clean=clean)


def _read(pieces: Iterable[bytes], *, clean: bool) -> tuple[object, ...]:
    reader = ReplyReader(MAX_BODY)
    for piece in pieces:
        reader.receive_data(piece)
        assert reader._mute <= MAX_MUTE + len(piece)
        if reader.over:
            break
        assert len(reader._body) <= MAX_BODY
    reader.receive_end(clean=clean)
    assert reader.over
    assert reader.complete or reader.failure is not None
    if reader.failure is not None:
        return (False,)  # which of two faults in one reply comes first is all the same
    assert 200 <= reader.status <= 999 or reader.status == 101
    seconds = parse_retry_after(reader.fields.get("retry-after"), NOW, 300)
    assert seconds is None or 0 <= seconds <= 300
    return True, reader.status, dict(reader.fields), reader.take_body()
