"""JPEG and JPEG-LS: what is no image is gone, and the pixels are the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.deidentify.dicom.codestream.jpeg import cleaned
from adapters.deidentify.errors import HeldBackError
from tests.adapters.deidentify.dicom.codestream.images import SECRET, decoded, jpeg, segment

SOI, EOI = b"\xff\xd8", b"\xff\xd9"
JFIF = b"JFIF\0\1\1\0\0\1\0\1"
APPLICATIONS = [0xE0, *range(0xE1, 0xEE), 0xEF]


def behind_start(stream: bytes, *more: bytes) -> bytes:
    """Return a codestream with *more* segments at its beginning."""
    return stream[:2] + b"".join(more) + stream[2:]


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("marker", [*APPLICATIONS, 0xFE])
def test_segments_that_are_no_image(marker: int, *, progressive: bool) -> None:
    """Application data and comments go, wherever they stand."""
    plain = jpeg(progressive=progressive)
    scan = plain.index(b"\xff\xda")
    hidden = segment(marker, b"Exif\0\0" + SECRET)
    for file in (behind_start(plain, hidden), plain[:scan] + hidden + plain[scan:]):
        result = cleaned(file)
        assert SECRET not in result
        assert decoded(result) == decoded(file) == decoded(plain)


@pytest.mark.parametrize("marker", [0x02, 0xBF, 0xC8, 0xF0, 0xFD])
def test_unknown_segment(marker: int) -> None:
    """A segment of an extension holds the frame back: it may hold a short name, and may be needed."""
    with pytest.raises(HeldBackError, match="not known here"):
        cleaned(behind_start(jpeg(), segment(marker, b"Ng^L")))


def test_between_scans() -> None:
    """A comment between the scans of a progressive image goes, and one behind the last scan."""
    plain = jpeg(progressive=True)
    second = plain.index(b"\xff\xda", plain.index(b"\xff\xda") + 2)
    file = plain[:second] + segment(0xFE, SECRET) + plain[second:-2] + segment(0xFE, SECRET) + plain[-2:]
    assert SECRET not in cleaned(file)
    assert decoded(cleaned(file)) == decoded(plain)


def test_after_the_end() -> None:
    """What follows the end of the image goes, also if it ends like an image."""
    plain = jpeg()
    assert cleaned(plain + SECRET + EOI) == cleaned(plain)
    assert decoded(cleaned(plain)) == decoded(plain)


def test_thumbnail() -> None:
    """The density of JFIF stays, its thumbnail does not."""
    body = JFIF + b"\2\1" + SECRET[:6]
    result = cleaned(behind_start(jpeg()[:2] + jpeg()[20:], segment(0xE0, body)))
    assert result[2:20] == segment(0xE0, JFIF + b"\0\0")


def test_adobe() -> None:
    """The colour transformation of Adobe stays, without what is appended to it."""
    result = cleaned(behind_start(jpeg(), segment(0xEE, b"Adobe\0\x64\0\0\0\0\1" + SECRET)))
    assert segment(0xEE, b"Adobe\0\x64\0\0\0\0\1") in result
    assert SECRET not in result


@pytest.mark.parametrize("body", [b"JFIF\0\1", b"Adobe\0", b"JFXX\0\x10" + SECRET, b"SPIFF\0" + bytes(30)])
@pytest.mark.parametrize("marker", [0xE0, 0xE8, 0xEE])
def test_short_or_long(marker: int, body: bytes) -> None:
    """Segments that only begin like those that stay are removed."""
    assert cleaned(behind_start(jpeg(), segment(marker, body))) == cleaned(jpeg())


def test_fill_octets() -> None:
    """Octets FF before a marker are allowed; before the end of the image they stay."""
    plain = jpeg()
    assert cleaned(behind_start(plain, b"\xff\xff\xff" + segment(0xFE, SECRET))) == cleaned(plain)
    assert decoded(cleaned(plain[:-2] + b"\xff\xff" + EOI)) == decoded(plain)


def test_restarts() -> None:
    """Restart markers inside the image stay."""
    plain = jpeg(restart_marker_rows=1)
    assert plain.count(b"\xff\xd0") == 1
    assert cleaned(plain + SECRET) == cleaned(plain)
    assert decoded(cleaned(plain)) == decoded(plain)


def test_jpeg_ls() -> None:
    """In JPEG-LS FF before a small octet is no marker; its SPIFF header stays."""
    start = SOI + segment(0xE8, b"SPIFF\0" + bytes(24)) + segment(0xF7, b"\10\0\4\0\4\1\1\x11\0")
    scan = segment(0xDA, b"\1\1\0\0\0\0") + b"\1\2\xff\x7f\3\xff\0\4"
    file = start + segment(0xF8, b"\1" + bytes(10)) + scan + segment(0xFE, SECRET) + EOI
    assert cleaned(file + SECRET) == file.replace(segment(0xFE, SECRET), b"")


def test_real_jpeg_ls() -> None:
    """Pixels of a JPEG-LS codestream are the same."""
    jpeg_ls = pytest.importorskip("jpeg_ls")
    numpy = pytest.importorskip("numpy")
    pixels = numpy.arange(64 * 64, dtype="uint8").reshape(64, 64)
    plain = jpeg_ls.encode(pixels).tobytes()
    result = cleaned(plain[:2] + segment(0xFE, SECRET) + plain[2:] + SECRET)
    assert result == plain
    assert (jpeg_ls.decode(numpy.frombuffer(result, "uint8")) == pixels).all()


@pytest.mark.parametrize(
    "frame",
    [b"", b"\xff", SOI, b"GIF89a" + SECRET, SOI + SECRET, SOI + b"\xff", SOI + b"\xff\0\0", SOI + b"\xff\xff\xff",
     SOI + SOI + EOI, SOI + b"\xff\xd0" + EOI, SOI + b"\xff\xfe", SOI + b"\xff\xfe\0\1" + EOI,
     SOI + b"\xff\xfe\0\x20" + SECRET, SOI + segment(0xDA, b"\0") + b"\1\2\3", SOI + segment(0xDA, b"\0") + b"\1\xff"],
)  # fmt: skip
def test_no_codestream(frame: bytes) -> None:
    """What is no codestream is held back, and not quoted."""
    with pytest.raises(HeldBackError) as caught:
        cleaned(frame)
    assert "MUSTER" not in str(caught.value)


@given(st.integers(0, 3000), st.binary(max_size=12))
def test_damaged(at: int, octets: bytes) -> None:
    """A damaged codestream is held back, or is one that is clean: cleaning it again changes nothing."""
    plain = jpeg()
    try:
        once = cleaned(plain[:at] + octets + plain[at + len(octets) :])
    except HeldBackError:
        return
    assert cleaned(once) == once
