"""A deflate stream is inflated piece by piece, up to a limit."""

import zlib

import pytest

from adapters.dicom import inflating
from adapters.dicom.encoding import Malformed
from adapters.dicom.inflating import PIECE, Inflater
from tests.adapters.dicom.test_file_editor import deflated


@pytest.mark.parametrize("size", [1, 100, 10_000])
def test_pieces(size: int) -> None:
    """The octets are the same, however the stream comes, and no piece is large."""
    data, inflater = bytes(300_000) + bytes(range(256)) * 100, Inflater()
    stream = deflated(data)
    pieces = [each for at in range(0, len(stream), size) for each in inflater.receive_data(stream[at : at + size])]
    inflater.receive_end()
    assert data == b"".join(pieces)
    assert max(map(len, pieces)) <= PIECE


def test_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that inflates to more than the limit is refused."""
    monkeypatch.setattr(inflating, "MAX_INFLATED", 1 << 20)
    with pytest.raises(Malformed, match="more than 1 GiB"):
        list(Inflater().receive_data(deflated(bytes(10 << 20))))


def test_padding() -> None:
    """Octets after the end of the stream are ignored (PS3.5 A.5)."""
    inflater = Inflater()
    assert b"AB" == b"".join(inflater.receive_data(deflated(b"AB") + b"\0"))
    assert b"" == b"".join(inflater.receive_data(b"\0"))
    inflater.receive_end()


def test_zlib_is_not_quoted() -> None:
    """An error of zlib has a reason of Hilum's own."""
    with pytest.raises(Malformed, match="cannot be inflated") as raised:
        list(Inflater().receive_data(b"\xff" * 20))
    assert not isinstance(raised.value.__cause__, zlib.error)
