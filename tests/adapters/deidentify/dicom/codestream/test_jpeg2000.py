"""JPEG 2000: comments and boxes are gone, and the pixels are the same."""

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.deidentify.dicom.codestream.jpeg2000 import cleaned
from adapters.deidentify.errors import HeldBackError
from tests.adapters.deidentify.dicom.codestream.images import SECRET, decoded, jp2, jpeg2000, segment

COMMENT = segment(0x64, b"\0\1" + SECRET)


def with_comments(stream: bytes) -> bytes:
    """Return a codestream of one tile with comments in its main header and in its tile header."""
    sot = stream.index(b"\xff\x90")
    length = int.from_bytes(stream[sot + 6 : sot + 10])
    tile = stream[sot : sot + 6] + pack(">L", length + len(COMMENT)) + stream[sot + 10 : sot + 12] + COMMENT
    return stream[:sot] + COMMENT + tile + stream[sot + 12 :]


@pytest.mark.parametrize("marker", [0x30, 0x54, 0x74, 0xFE])
def test_unknown_segment(marker: int) -> None:
    """A marker segment that is not known holds the frame back: it may hold a short name, and may be needed."""
    plain = jpeg2000()
    sot = plain.index(b"\xff\x90")
    with pytest.raises(HeldBackError, match="not known here"):
        cleaned(plain[:sot] + segment(marker, b"Ng^L") + plain[sot:])


@pytest.mark.parametrize("progression", ["LRCP", "RLCP", "RPCL", "PCRL", "CPRL"])
def test_comments(progression: str) -> None:
    """Comments go from the main header and the tile header; the tile's length fits again."""
    plain = jpeg2000(progression=progression)
    file = with_comments(plain) + SECRET
    result = cleaned(file)
    assert SECRET not in result
    assert result == cleaned(plain)
    assert decoded(result) == decoded(plain)


def test_tiles() -> None:
    """Each of several tiles stays."""
    plain = jpeg2000(tile_size=(16, 16))
    assert plain.count(b"\xff\x90\0\x0a") == 4
    assert decoded(cleaned(with_comments(plain))) == decoded(plain)


def test_last_tile_without_a_length() -> None:
    """A tile part of length 0 goes up to the first end of the codestream, not to one in what follows."""
    plain = cleaned(jpeg2000())
    sot = plain.index(b"\xff\x90")
    open_ended = plain[: sot + 6] + bytes(4) + plain[sot + 10 :]
    assert cleaned(open_ended + SECRET + b"\xff\xd9") == open_ended
    assert decoded(cleaned(open_ended)) == decoded(plain)


def test_number_of_a_packet() -> None:
    """The number in an SOP segment may look like the end of the codestream."""
    plain = cleaned(jpeg2000())
    sot = plain.index(b"\xff\x90")
    packet = b"\xff\x91\0\4\xff\xd9\1\2\3"
    sod = plain.index(b"\xff\x93")
    file = plain[: sot + 6] + bytes(4) + plain[sot + 10 : sod + 2] + packet + b"\xff\xd9"
    assert cleaned(file + SECRET) == file


@pytest.mark.parametrize("kind", [b"xml ", b"uuid", b"free"])
def test_boxes(kind: bytes) -> None:
    """Of a JP2 file the bare codestream stays (PS3.5 A.4.4)."""
    plain = jp2()
    box = pack(">L", 8 + len(SECRET)) + kind + SECRET
    at = plain.index(b"jp2c") - 4
    result = cleaned(plain[:at] + box + plain[at:] + box)
    assert result.startswith(b"\xff\x4f\xff\x51")
    assert SECRET not in result
    assert decoded(result) == decoded(plain)


def test_long_box() -> None:
    """A box may have a length of 64 bits, or go up to the end."""
    plain = jp2()
    at = plain.index(b"jp2c") - 4
    stream = cleaned(plain)
    long = plain[:at] + pack(">L", 1) + b"jp2c" + pack(">Q", 16 + len(stream)) + stream
    assert cleaned(long + SECRET) == cleaned(plain[:at] + bytes(4) + b"jp2c" + stream) == stream


@pytest.mark.parametrize(
    "frame",
    [b"", b"\xff\x4f\xff\x51", jp2()[:60], b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0\0\0\4jp2c", SECRET,
     jpeg2000()[:-2], jpeg2000()[:120], b"\xff\x4f\xff\x51\0\1", b"\xff\x4f\xff\x51\0\4\0\0\xff\x90\0\x0a\0\0\0\0\0\x0d"
     b"\0\1" + SECRET],
)  # fmt: skip
def test_no_codestream(frame: bytes) -> None:
    """What is no codestream is held back, and not quoted."""
    with pytest.raises(HeldBackError) as caught:
        cleaned(frame)
    assert "MUSTER" not in str(caught.value)


@given(st.integers(0, 3000), st.binary(max_size=12))
def test_damaged(at: int, octets: bytes) -> None:
    """A damaged codestream is held back, or is one that is clean: cleaning it again changes nothing."""
    plain = jpeg2000()
    try:
        once = cleaned(plain[:at] + octets + plain[at + len(octets) :])
    except HeldBackError:
        return
    assert cleaned(once) == once
