"""RLE: octets behind each segment are gone, and the pixels are the same."""

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.deidentify.dicom.codestream.rle import cleaned
from adapters.deidentify.errors import HeldBackError
from tests.adapters.deidentify.dicom.codestream.images import SECRET


def packed(*segments: bytes, header: bytes = b"") -> bytes:
    """Return an RLE codestream with *segments*, octets that are runs already."""
    offsets, at = [], 64
    for each in segments:
        offsets.append(at)
        at += len(each)
    head = pack(f"<{1 + len(offsets)}L", len(segments), *offsets)
    return (header or head.ljust(64, b"\0")) + b"".join(segments)


def literal(octets: bytes) -> bytes:
    """Return *octets* as one literal run."""
    return bytes((len(octets) - 1,)) + octets


def unpacked(stream: bytes, count: int) -> list[bytes]:
    """Return the segments as octets."""
    numbers = [int.from_bytes(stream[at : at + 4], "little") for at in range(0, 64, 4)]
    found = []
    for start in numbers[1 : 1 + numbers[0]]:
        at, made = start, bytearray()
        while len(made) < count:
            control = stream[at]
            if control < 128:
                made += stream[at + 1 : at + 2 + control]
                at += 2 + control
            else:
                made += stream[at + 1 : at + 2] * (257 - control) if control > 128 else b""
                at += 2 if control > 128 else 1
        found.append(bytes(made[:count]))
    return found


def test_behind_segments() -> None:
    """What follows the runs of the image goes, in each segment."""
    one, two = literal(b"ABCDEFGH"), b"\xfb\7" + literal(b"xy")
    file = packed(one + SECRET + b"\0", two + SECRET)
    result = cleaned(file, 8)
    assert result == packed(one + b"\0", two + b"\0")
    assert unpacked(result, 8) == unpacked(file, 8) == [b"ABCDEFGH", b"\7\7\7\7\7\7xy"]


def test_one_octet_more() -> None:
    """An odd image may have one octet of padding in its last run; no-operations stay."""
    file = packed(b"\x80" + literal(b"ABCDEFGH"))
    assert cleaned(file, 7) == packed(b"\x80" + literal(b"ABCDEFGH"))
    with pytest.raises(HeldBackError):
        cleaned(file, 6)


@pytest.mark.parametrize(
    "frame",
    [
        b"", SECRET * 4, packed(), packed(literal(b"ABC")), packed(b"\x07AB"), packed(*[literal(b"ABCDEFGH")] * 16),
        packed(literal(b"ABCDEFGH"), header=pack("<2L", 1, 60).ljust(64, b"\0")),
        packed(literal(b"ABCDEFGH"), header=pack("<2L", 1, 64) + SECRET.ljust(56, b"\0")),
        packed(literal(b"ABCDEFGH"), header=pack("<3L", 2, 64, 64).ljust(64, b"\0")),
        packed(literal(b"ABCDEFGH"), header=pack("<3L", 2, 64, 9999).ljust(64, b"\0")),
    ],
)  # fmt: skip
def test_no_codestream(frame: bytes) -> None:
    """What is no codestream is held back, and not quoted."""
    with pytest.raises(HeldBackError) as caught:
        cleaned(frame, 8)
    assert "MUSTER" not in str(caught.value)


@given(st.binary(max_size=200), st.integers(1, 100))
def test_any_octets(octets: bytes, count: int) -> None:
    """Whatever the octets, the result is a codestream with so many octets, or it is held back."""
    try:
        result = cleaned(packed(octets), count)
    except HeldBackError:
        return
    assert len(unpacked(result, count)[0]) == count
    assert cleaned(result, count) == result
