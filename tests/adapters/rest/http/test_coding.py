"""Content codings without HTTP around them."""

import contextlib
import gzip
import zlib
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from adapters.rest.http.coding import PIECE, Decoder, Undecodable


def decode(name: str, *pieces: bytes) -> tuple[bytes, bool]:
    """Return what *pieces* hold, and whether that is all."""
    decoder = Decoder([name])
    octets = b"".join(decoder.decode(pieces)) + b"".join(decoder.decode([], ended=True))
    return octets, decoder.is_whole


def cut(octets: bytes, size: int) -> Iterable[bytes]:
    """Return *octets* in pieces of *size*."""
    return [octets[start : start + size] for start in range(0, len(octets), size)]


@given(st.binary(max_size=500), st.integers(1, 30), st.sampled_from(["gzip", "deflate", "deflate, gzip", "br"]))
def test_any_cut(body: bytes, size: int, name: str) -> None:
    """Coded bodies are decoded, however TCP cuts them."""
    coded = zlib.compress(body) if "deflate" in name else body
    coded = gzip.compress(coded) if "gzip" in name else coded
    assert (body, True) == decode(name, *cut(coded, size))


@given(st.binary(max_size=200), st.integers(1, 30), st.sampled_from(["gzip", "deflate", "gzip, deflate"]))
def test_any_octets(octets: bytes, size: int, name: str) -> None:
    """Any octets are decoded, or raise Undecodable and no other exception."""
    with contextlib.suppress(Undecodable):
        decode(name, *cut(octets, size))


def test_bounded_pieces() -> None:
    """A decompression bomb is decoded in pieces, so that the caller can stop."""
    pieces = Decoder(["gzip"]).decode([gzip.compress(bytes(10 * PIECE))])
    assert all(len(piece) <= PIECE for piece in pieces)


def test_nothing_to_undo() -> None:
    """A decoder without codings is false."""
    assert [False, False, True] == [bool(Decoder(names)) for names in ([], ["identity, utf-8", ""], ["GZIP"])]
