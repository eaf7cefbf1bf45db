"""A gzip file is unpacked within its limits, whatever is wrong with it."""

import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.pipeline.reports.unpacking import ALWAYS_FINE, PIECE, UnreadableError, octets

MOST = 1 << 30


def unpacked(content: bytes, most: int = MOST) -> bytes:
    """Return the octets of a file."""
    return b"".join(octets(io.BytesIO(content), most))


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_sizes(size: int) -> None:
    """The pieces are the whole, packed or not, in one member or several."""
    content = bytes(each % 251 for each in range(size))
    assert content == unpacked(content)
    assert content == unpacked(gzip.compress(content))
    assert content + b"x" + content == unpacked(b"".join(map(gzip.compress, (content, b"x", content))))
    assert max(map(len, octets(io.BytesIO(gzip.compress(content)), MOST)), default=0) <= PIECE


def test_limits() -> None:
    """Too many octets, and too many for the size of the file, are not read."""
    with pytest.raises(UnreadableError, match="far more"):
        unpacked(gzip.compress(b"ab" * 1000), 1000)
    with pytest.raises(UnreadableError, match="far more"):
        unpacked(gzip.compress(bytes(2 * ALWAYS_FINE)))


@given(st.binary(max_size=50))
def test_noise(noise: bytes) -> None:
    """What only begins like a gzip file is refused, and nothing else is raised."""
    with pytest.raises(UnreadableError):
        unpacked(b"\x1f\x8b" + noise)


@given(st.integers(0, 60))
def test_cut(size: int) -> None:
    """A file that ends too early is refused."""
    whole = gzip.compress(bytes(range(200)))
    with pytest.raises(UnreadableError, match="ends too early"):
        unpacked(whole[: 2 + size])
