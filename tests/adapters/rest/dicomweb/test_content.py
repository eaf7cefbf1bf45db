"""Two encodings of one data set have the same content, and two data sets have not."""

import struct
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from adapters.rest.dicomweb import content
from adapters.rest.dicomweb.content import ContentComparison, ContentDigest
from adapters.rest.dicomweb.fingerprint import Fingerprint
from adapters.rest.dicomweb.multipart import Related
from tests.adapters.rest.encodings import SYNTAXES, encode, instance
from tests.dicom_files import make_deflated

KEY = bytes(range(16))
FILES = {
    f"{name}{', undefined lengths' if undefined else ''}{', padding' if padding else ''}": encode(
        instance(), syntax, undefined=undefined, padding=padding
    )
    for (name, syntax), undefined, padding in product(SYNTAXES.items(), (False, True), (False, True))
}
OURS = FILES["explicit"]


def cut(data: bytes, size: int) -> list[bytes]:
    """Return *data* in pieces of *size*."""
    return [data[start : start + size] for start in range(0, len(data), size)]


def content_of(data: bytes, size: int = 1_000_000) -> Fingerprint | None:
    """Return the fingerprint of the content of the file *data*."""
    digest = ContentDigest(KEY)
    for piece in cut(data, size):
        digest.update(memoryview(piece))
    return digest.finish()


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_encoding_makes_no_difference(file: bytes, size: int) -> None:
    """Byte order, representations, lengths, deflation, padding and cuts do not count as content."""
    assert content_of(OURS) is not None
    assert content_of(OURS) == content_of(file, size)


def changed(name: str) -> bytes:
    """Return the instance with one difference, in Implicit VR Little Endian."""
    data_set = instance()
    match name:
        case "a name":
            data_set.PatientName = "TEST^OTHERS"
        case "a number":
            data_set.Rows = 9
        case "an item":
            data_set.RealWorldValueMappingSequence.pop()
        case "a nested value":
            data_set.RealWorldValueMappingSequence[0].MeasurementUnitsCodeSequence[0].CodeValue = "XX"
        case "an element more":
            data_set.InstanceNumber = 1
        case "an element less":
            del data_set.Columns
        case "a pixel":
            data_set.PixelData = bytes(127) + b"\1"
        case "a private value":
            data_set[0x0029, 0x1001].value = "changed"
        case "another place":
            data_set.RealWorldValueMappingSequence.reverse()
    return encode(data_set, ImplicitVRLittleEndian)


CHANGES = ("a name", "a number", "an item", "a nested value", "an element more", "an element less", "a pixel",
           "a private value", "another place")  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_difference(name: str) -> None:
    """Every difference in the content is noticed."""
    assert content_of(changed(name)) not in {None, content_of(OURS)}


def group_length(file: bytes) -> bytes:
    """Return a file in Explicit VR Little Endian with a group length before its first element."""
    start = file.index(b"\x08\x00\x16\x00UI")
    return file[:start] + b"\x08\x00\x00\x00UL\x04\x00" + struct.pack("<I", 99) + file[start:]


def test_group_length() -> None:
    """A group length does not count as content."""
    assert content_of(OURS) == content_of(group_length(OURS))


FRAGMENTS = (
    b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\0\0\0\0"
    b"\xfe\xff\x00\xe0\x04\0\0\0JPEG\xfe\xff\xdd\xe0\0\0\0\0"
)


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("more", [0, 1, 2, 3, 4, 5, 100])
def test_nuls_behind_the_data_set(more: int, size: int) -> None:
    """Padding at the end of a body does not count as content."""
    assert content_of(OURS) == content_of(OURS + bytes(more), size)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_compressed_pixels(size: int) -> None:
    """The octets of fragments count, whatever the compression."""
    compressed = (OURS + FRAGMENTS).replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.9.1\0")
    other = compressed.replace(b"JPEG", b"JPEX")
    assert content_of(compressed) == content_of(compressed, size)
    assert content_of(compressed) not in {None, content_of(OURS), content_of(other)}


UNREADABLE = {
    "nothing": b"",
    "no file": b"no DICOM" * 100,
    "half a file": OURS[:-3],
    "half an inflated file": FILES["deflated"][:-40],
    "no syntax": OURS.replace(b"\x02\x00\x10\x00UI", b"\x02\x00\x11\x00UI"),
    "NULs and something else": OURS + bytes(9) + b"x",
    "another syntax than it says": FILES["implicit"].replace(b"1.2.840.10008.1.2\0", b"1.2.840.10008.1.2.1\0"),
    "the end of an item at the top": OURS + b"\xfe\xff\x0d\xe0\0\0\0\0",
    "a sequence that is too long": OURS + b"\x40\x00\x00\x01SQ\0\0\x09\0\0\0\xfe\xff\x00\xe0\0\0\0\0",
    "a sequence without an end": OURS + b"\x40\x00\x00\x01SQ\0\0\xff\xff\xff\xff",
    "sequences without bottom": OURS + b"\x40\x00\x00\x01SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff" * 100,
    "fragments without an end": OURS + FRAGMENTS[:-8],
    "fragments of no length": OURS + FRAGMENTS[:12] + b"\xfe\xff\x00\xe0\xff\xff\xff\xff" + FRAGMENTS[20:],
    "fragments that are none": OURS + FRAGMENTS[:12] + OURS[-200:],
}


@pytest.mark.parametrize("file", UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable(file: bytes) -> None:
    """A data set that cannot be read has no content to compare."""
    assert content_of(file) is None


def test_too_much_to_inflate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inflation has a limit."""
    monkeypatch.setattr(content, "MAX_INFLATED", 400)
    assert content_of(FILES["deflated"]) is None


ELEMENT = b"\x09\x00\x10\x00LO\0\0"
ITEMS = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\0\0\0\0" * 4_000_000
BOMBS = {
    "elements": ELEMENT * 4_000_000,
    "items": ITEMS,
    "pixels": b"\xe0\x7f\x10\x00OW\0\0" + struct.pack("<I", 80 << 20) + bytes(80 << 20),
}


@pytest.mark.parametrize("data_set", BOMBS.values(), ids=BOMBS)
def test_inflation_at_once(tmp_path: Path, data_set: bytes) -> None:
    """A piece that inflates to more than is read at once is not read on: the event loop does nothing else meanwhile."""
    digest = ContentDigest(KEY)
    make_deflated(tmp_path / "bomb", data_set)
    file = (tmp_path / "bomb").read_bytes()
    assert len(file) < 1 << 18
    digest.update(file)
    assert digest._is_unreadable
    assert digest._inflated <= content.MAX_INFLATED_AT_ONCE + content.PIECE
    assert digest._elements <= content.MAX_ELEMENTS_AT_ONCE + content.PIECE // 8


def test_deflated_in_moderation(tmp_path: Path) -> None:
    """A blank image of 32 MiB is read."""
    make_deflated(tmp_path / "blank", b"\xe0\x7f\x10\x00OW\0\0" + struct.pack("<I", 32 << 20) + bytes(32 << 20))
    assert content_of((tmp_path / "blank").read_bytes())


RELATED = Related("b0und", "application/dicom")


def compare(reply: bytes, size: int = 100) -> bool | None:
    """Return whether *reply* is the instance."""
    expected = content_of(OURS)
    assert expected is not None
    comparison = ContentComparison(expected)
    assert all(comparison.update(piece) for piece in cut(reply, size))
    return comparison.is_same()


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_comparison(file: bytes) -> None:
    """The same content is the same instance, alone and in a part; half a reply is no answer."""
    framed = RELATED.prefix + file + RELATED.suffix
    assert [True, True, None] == [compare(file), compare(framed), compare(framed[:-8])]


def test_other_content() -> None:
    """Other content is noticed, and the reader says whether it has guessed."""
    plain = instance()
    del plain[0x0029, 0x1002]
    assert False is compare(encode(plain, ExplicitVRLittleEndian))
    assert False is compare(changed("a name"))
    expected = content_of(OURS)
    assert expected is not None
    guessing = ContentComparison(expected)
    guessing.update(encode(instance(), ImplicitVRLittleEndian))
    assert (True, True) == (guessing.is_same(), guessing.guessed)  # the private sequence


@given(st.binary(max_size=300), st.sampled_from(list(SYNTAXES.values())), st.integers(1, 50))
def test_never_raises(octets: bytes, syntax: str, size: int) -> None:
    """Any octets have a content or none, however they are cut."""
    file = encode(instance(), ExplicitVRLittleEndian)
    start = 144 + int.from_bytes(file[140:144], "little")
    head = file[:start].replace(b"1.2.840.10008.1.2.1\0", syntax.encode().ljust(20, b"\0"))
    assert content_of(head + octets) == content_of(head + octets, size)
