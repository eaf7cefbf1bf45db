"""A file in pieces: the same result in every cut, in flat memory, and nothing of group 0002 or behind the pixels."""

import tracemalloc
import zlib
from functools import partial
from random import Random
from struct import pack
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.deidentify.dicom.file import FileDeidentifier
from adapters.deidentify.dicom.tree import Element, written
from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.manifest import Manifest
from adapters.dicom.encoding import Malformed
from tests.adapters.deidentify.dicom.codestream.images import SECRET, jpeg, jpeg2000
from tests.adapters.deidentify.dicom.made import (
    BIG,
    EXPLICIT,
    IMPLICIT,
    compressed,
    deidentified,
    element,
    fragments,
    header,
    image,
    native,
    part10,
    pixels_of,
    transformer,
    tree_of,
)
from tests.seeds import SEED

DEFLATED = "1.2.840.10008.1.2.1.99"
JPEG, JPEG_2000, RLE = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.5"
PIXELS = bytes(range(16))
INNER = Element(0x00209113, b"SQ", items=[[Element(0x00200032, b"DS", b"1\\2\\3 ")]])
GROUPS = Element(0x52009230, b"SQ", items=[[INNER] for _ in range(40)])


def whole(implicit: bool = False) -> bytes:
    """Return a data set with sequences and pixels."""
    vr = pack("<L", len(PIXELS)) if implicit else b"OW\0\0" + pack("<L", len(PIXELS))
    head = written(header(*image(), GROUPS), is_implicit=implicit)
    return head + pack("<HH", 0x7FE0, 0x0010) + vr + PIXELS


def deflated(data: bytes) -> bytes:
    """Return a raw deflate stream."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflater.compress(data) + deflater.flush()


def undefined(data: bytes) -> bytes:
    """Return a data set that begins with a sequence of undefined length, which holds another."""
    start = pack("<HH", 0xFFFE, 0xE000) + pack("<L", 0xFFFFFFFF)
    item_end, end = pack("<HHL", 0xFFFE, 0xE00D, 0), pack("<HHL", 0xFFFE, 0xE0DD, 0)
    inner = element(0x00080100, b"SH", b"CODE") + element(0x00080104, b"LO", b"Meaning ")
    nested = element(0x00089215, b"SQ", start + inner + item_end + start + inner + item_end + end, 0xFFFFFFFF)
    at = data.index(pack("<HH", 0x0010, 0x0010))
    return data[:at] + element(0x00089215, b"SQ", start + nested + item_end + end, 0xFFFFFFFF) + data[at:]


FILES = {
    "explicit": part10(whole()),
    "implicit": part10(whole(implicit=True), IMPLICIT),
    "deflated": part10(deflated(whole()), DEFLATED),
    "undefined lengths": part10(undefined(whole())),
    "jpeg": compressed(JPEG, jpeg()[:700], jpeg()[700:], samples=3, rows=32, columns=32),
    "frames": compressed(JPEG_2000, jpeg2000(), jpeg2000(), samples=3, rows=32, columns=32, frames=2),
    "no pixels": part10(written(header(), is_implicit=False)),
    "padding": native(PIXELS + SECRET, tail=element(0xFFFCFFFC, b"OB", SECRET)),
}


@pytest.mark.parametrize("name", FILES)
def test_octet_by_octet(name: str) -> None:
    """The cuts do not matter."""
    file = FILES[name]
    once = deidentified(file)
    assert deidentified(file, (file[at : at + 1] for at in range(len(file)))) == once


@pytest.mark.parametrize("name", FILES)
@given(sizes=st.lists(st.integers(0, 900), min_size=1, max_size=20))
def test_random_pieces(name: str, sizes: list[int]) -> None:
    """Nor do they in any other way."""
    file, cuts, at = FILES[name], [], 0
    for size in sizes:
        cuts.append(file[at : at + size])
        at += size
    assert deidentified(file, [*cuts, file[at:]]) == deidentified(file)


@pytest.mark.parametrize("name", sorted(FILES.keys() - {"implicit"}))
def test_again(name: str) -> None:
    """A de-identified file can be de-identified, and its pixels stay as they are."""
    once = deidentified(FILES[name])
    assert pixels_of(deidentified(once)) == pixels_of(once)


@pytest.mark.parametrize("name", FILES)
def test_cut_short(name: str) -> None:
    """A file that ends too early never gives a whole one."""
    file = FILES[name]
    data = len(part10(b""))
    if name == "padding":
        file = file[: file.index(PIXELS) + 15]
    ends = [file[: data + 1], file[: data + 30], file[: len(file) - 9 if name == "no pixels" else -1]]
    for each in ends:
        with pytest.raises((Malformed, HeldBackError)):
            deidentified(each)


@pytest.mark.parametrize("swap", [8, 16, 32])
def test_big_endian(swap: int) -> None:
    """Big endian, which is retired, becomes little endian."""
    width = swap // 8
    pixels = bytes(range(4 * 4 * width))
    little = part10(written(header(*image(allocated=swap), GROUPS), is_implicit=False)
                    + element(0x7FE00010, b"OW", pixels))  # fmt: skip
    data = bytearray()
    reversed_groups = _big([*header(*image(allocated=swap), GROUPS)])
    data += reversed_groups
    words = max(2, width)
    turned = b"".join(pixels[at : at + words][::-1] for at in range(0, len(pixels), words))
    data += pack(">HH2sHL", 0x7FE0, 0x0010, b"OW", 0, len(pixels)) + turned
    file = part10(bytes(data), BIG)
    assert deidentified(file) == deidentified(little)
    assert deidentified(file, (file[at : at + 1] for at in range(len(file)))) == deidentified(little)


def _big(elements: list[Element]) -> bytes:
    parts = []
    for each in elements:
        value = each.value
        if each.items is not None:
            contents = [_big(item) for item in each.items]
            value = b"".join(pack(">HHL", 0xFFFE, 0xE000, len(content)) + content for content in contents)
        elif each.vr == b"US":
            value = value[::-1]
        elif len(value) % 2:
            value += b"\0" if each.vr == b"UI" else b" "
        long = pack(">2sHL", each.vr, 0, len(value)) if each.vr == b"SQ" else pack(">2sH", each.vr, len(value))
        parts.append(pack(">HH", each.tag >> 16, each.tag & 0xFFFF) + long + value)
    return b"".join(parts)


def test_nothing_of_the_old_start() -> None:
    """Preamble, AE titles and private information of group 0002 are new."""
    file = part10(whole(), preamble=SECRET * 8)
    result = deidentified(file)
    assert result[:128] == bytes(128)
    assert b"MUSTERFRAU" not in result
    assert b"1.3.46" not in result


def test_nothing_behind_the_pixels() -> None:
    """Octets beyond the image, and elements behind it, are left out."""
    result = deidentified(FILES["padding"])
    assert pixels_of(result) == PIXELS


def test_odd_image() -> None:
    """An image of an odd number of octets gets one of padding, which is 0."""
    assert pixels_of(deidentified(native(bytes(range(1, 10)) + b"M", rows=3, columns=3))) == bytes(range(1, 10)) + b"\0"


def test_offset_table() -> None:
    """Text in the offset table is gone."""
    file = compressed(JPEG, jpeg(), table=SECRET, samples=3, rows=32, columns=32)
    assert pixels_of(deidentified(file)).startswith(pack("<HHL", 0xFFFE, 0xE000, 0) + pack("<HH", 0xFFFE, 0xE000))


def test_frames_in_several_fragments() -> None:
    """Frames in several fragments are told apart by the offset table, and are one fragment each afterwards."""
    one, two = jpeg2000(), jpeg2000(quality_layers=[20])
    one += b"\0" * (len(one) % 2)
    parts = (one[:500], one[500:], two[:800], two[800:])
    table = pack("<2L", 0, 8 + 500 + 8 + len(one) - 500)
    made = partial(compressed, JPEG_2000, samples=3, rows=32, columns=32, frames=2)
    expected = deidentified(made(one, two))
    assert deidentified(made(*parts, table=table)) == expected
    with pytest.raises(HeldBackError):
        deidentified(made(*parts))
    with pytest.raises(HeldBackError):
        deidentified(made(*parts, table=pack("<2L", 0, 9)))


def test_extended_offset_table() -> None:
    """The Extended Offset Table tells frames apart where the basic one is empty; it goes, and what is hidden in it."""
    one, two = jpeg2000(), jpeg2000(quality_layers=[20])
    one += b"\0" * (len(one) % 2)
    parts = (one[:500], one[500:], two[:800], two[800:])
    offsets = pack("<2Q", 0, 8 + 500 + 8 + len(one) - 500)
    size = image(samples=3, rows=32, columns=32, frames=2)

    def made(extended: bytes) -> bytes:
        tables = Element(0x7FE00001, b"OV", extended), Element(0x7FE00002, b"OV", SECRET[:16])
        return part10(written(header(*size, *tables), is_implicit=False) + fragments(*parts), JPEG_2000)

    assert deidentified(made(offsets)) == deidentified(
        compressed(JPEG_2000, one, two, samples=3, rows=32, columns=32, frames=2)
    )
    for wrong in (b"", SECRET[:16], pack("<2Q", 0, 9), pack("<3Q", 0, 1, 2)):
        with pytest.raises(HeldBackError):
            deidentified(made(wrong))


def test_more_frames_than_said() -> None:
    """A frame of which the header does not speak is held back."""
    with pytest.raises(HeldBackError):
        deidentified(compressed(JPEG, jpeg(), jpeg(), jpeg(), samples=3, rows=32, columns=32, frames=2))


def test_text_in_a_frame() -> None:
    """A name in the entropy-coded octets of a frame, where nobody can take it out, holds the object back."""
    stream = jpeg()
    with pytest.raises(HeldBackError, match="identifier"):
        deidentified(compressed(JPEG, stream[:-2] + b"MUSTERFRAU" + stream[-2:], samples=3, rows=32, columns=32))


@pytest.mark.parametrize(
    "file",
    [
        b"", bytes(132), part10(b""), part10(whole(), "1.2.840.10008.1.2.4.100"), part10(whole(), "9.9"),
        part10(whole(), JPEG), native(PIXELS[:7]), part10(written(header(), is_implicit=False) + fragments(b"")),
        compressed(JPEG, SECRET), compressed(JPEG_2000, SECRET), compressed(RLE, SECRET),
        part10(written(header(*image()), is_implicit=False) + element(0x7FE00010, b"UL", PIXELS)),
        part10(written(header(*image(), Element(0x00280008, b"IS", b"1A")), is_implicit=False) + fragments(b"", b"")),
        part10(deflated(whole())[:-4], DEFLATED), part10(whole(), DEFLATED),
    ],
)  # fmt: skip
def test_refused(file: bytes) -> None:
    """What cannot be de-identified is held back; the reason quotes nothing."""
    with pytest.raises((HeldBackError, Malformed)) as caught:
        deidentified(file)
    assert not {"MUSTER", "Muster", "7423501"} & set(str(caught.value).replace(",", " ").split())


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
def test_guessed_by_others(syntax: str) -> None:
    """What breaks its own encoding is held back, although pydicom reads it: it guesses, and may guess wrongly."""
    in_other_encoding = part10(whole(implicit=syntax == EXPLICIT), syntax)
    outside = part10(whole(syntax == IMPLICIT)[:-24] + pack("<HHL", 0xFFFE, 0xE000, 0), syntax)
    for file in (in_other_encoding, outside):
        with pytest.raises((HeldBackError, Malformed)):
            deidentified(file)


def test_pixels_kept_is_said() -> None:
    """Where pixels were not looked at, Patient Identity Removed is NO."""
    for pixels, said in (("keep", b"NO"), ("hold_back", b"YES")):
        assert tree_of(deidentified(FILES["explicit"], pixels=pixels))[0x00120062].value.strip() == said


def test_a_long_header_takes_linear_time() -> None:
    """A header of 120 kB in pieces of 64 octets is not read again with each piece."""
    groups = Element(0x52009230, b"SQ", items=[list(GROUPS.items[0]) if GROUPS.items else [] for _ in range(3_000)])
    data = written(header(*image(), groups), is_implicit=False) + element(0x7FE00010, b"OW", PIXELS)
    sequence = data.index(pack("<HH2s", 0x5200, 0x9230, b"SQ"))
    size = int.from_bytes(data[sequence + 8 : sequence + 12], "little")
    end = sequence + 12 + size
    open_ended = data[: sequence + 8] + b"\xff" * 4 + data[sequence + 12 : end] + pack("<HHL", 0xFFFE, 0xE0DD, 0)
    file = part10(open_ended + data[end:])
    began = process_time()
    expected = deidentified(file)
    once = process_time() - began
    assert deidentified(file, (file[at : at + 64] for at in range(0, len(file), 64))) == expected
    assert process_time() - began < 10 * once + 1, "it would be 2,000 times as long"


GROUP = Element(0x00209111, b"SQ", items=[[Element(0x00209057, b"UL", pack("<L", 1))]])


def many_groups(frames: int, octets: int) -> Element:
    """Return functional groups for each frame, of so many octets together."""
    item: list[Element] = [INNER, GROUP]
    while len(written(item, is_implicit=False)) * frames < octets:
        item.append(Element(0x00209113 + len(item), b"SQ", items=INNER.items))
    return Element(0x52009230, b"SQ", items=[item for _ in range(frames)])


@pytest.mark.slow
@pytest.mark.parametrize(("syntax", "frames"), [(EXPLICIT, 2048), (JPEG, 256)])
def test_flat_memory(syntax: str, frames: int) -> None:
    """2 GiB of pixels behind a header of 1 MiB go through in a few MiB; the header is gone before the pixels.

    Of compressed ones a frame is in memory, a few times, however many there are: 256 MiB show it.
    """
    size = 1024 * 1024
    described = [*image(rows=1024, columns=1024, frames=frames), many_groups(frames, 2**20)]
    piece = Random(SEED).randbytes(size)
    pixels, end = element(0x7FE00010, b"OW", b"", frames * size), b""
    if syntax == JPEG:
        stream = jpeg()[:-2] + piece.replace(b"\xff", b"\xfe") + b"\xff\xd9"
        stream += b"\0" * (len(stream) % 2)
        piece = pack("<HHL", 0xFFFE, 0xE000, len(stream)) + stream
        pixels = element(0x7FE00010, b"OB", pack("<HHL", 0xFFFE, 0xE000, 0), 0xFFFFFFFF)
        end = pack("<HHL", 0xFFFE, 0xE0DD, 0)
    start = part10(written(header(*described), is_implicit=False) + pixels, syntax)
    assert len(start) > 2**20
    engine = FileDeidentifier(transformer(), Manifest("", ""))
    tracemalloc.start()
    count = sum(len(each) for at in range(0, len(start), 2**16) for each in engine.receive_data(start[at : at + 2**16]))
    _, most_of_header = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    for _ in range(frames):
        for each in engine.receive_data(piece):
            count += len(each)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    count += sum(map(len, [*engine.receive_data(end), *engine.receive_end()]))
    assert count > frames * size
    assert most_of_header < 24 * 2**20
    assert most < 10 * 2**20
