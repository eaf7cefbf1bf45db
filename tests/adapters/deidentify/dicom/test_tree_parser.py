"""Elements in every form of the standard are one tree, which is written again; what is no element is refused."""

from struct import pack

import pytest

from adapters.deidentify.dicom.tree import Element, Item, written
from adapters.deidentify.dicom.tree_parser import MAX_DEPTH
from adapters.deidentify.dicom.tree_reader import TreeReader
from adapters.dicom.encoding import Malformed
from tests.adapters.deidentify.dicom.made import UNDEFINED, element, header

ITEM, ITEM_END, END = pack("<HH", 0xFFFE, 0xE000), pack("<HHL", 0xFFFE, 0xE00D, 0), pack("<HHL", 0xFFFE, 0xE0DD, 0)
SEQUENCE = 0x00081140
CODE = element(0x00080100, b"SH", b"CODE")


def read(octets: bytes, *, is_implicit: bool = False, is_big: bool = False) -> TreeReader:
    """Return a reader that has read all *octets*."""
    reader = TreeReader(is_implicit=is_implicit, most=2**20, is_big=is_big)
    assert reader.feed(octets, is_last=True)
    return reader


def shown(elements: Item) -> list[object]:
    """Return elements as plain values."""
    return [(each.tag, each.vr, each.value if each.items is None else [shown(item) for item in each.items])
            for each in elements]  # fmt: skip


NESTED = header(Element(SEQUENCE, b"SQ", items=[[Element(0x00080100, b"SH", b"CODE")], []]))


@pytest.mark.parametrize("is_implicit", [False, True])
def test_again(*, is_implicit: bool) -> None:
    """What is written is read as the same, and written as the same octets."""
    octets = written(NESTED, is_implicit=is_implicit)
    elements = read(octets, is_implicit=is_implicit).elements
    assert written(elements, is_implicit=is_implicit) == octets
    assert [each.tag for each in elements] == [each.tag for each in NESTED]
    assert [each.vr for each in elements] == [each.vr for each in NESTED]


@pytest.mark.parametrize(
    "octets",
    [
        element(SEQUENCE, b"SQ", ITEM + pack("<L", len(CODE)) + CODE),
        element(SEQUENCE, b"SQ", ITEM + pack("<L", UNDEFINED) + CODE + ITEM_END),
        element(SEQUENCE, b"SQ", ITEM + pack("<L", len(CODE)) + CODE + END, UNDEFINED),
        element(SEQUENCE, b"SQ", ITEM + pack("<L", UNDEFINED) + CODE + ITEM_END + END, UNDEFINED),
    ],
)
def test_lengths(octets: bytes) -> None:
    """Sequences and items of defined and undefined length are the same tree."""
    assert shown(read(octets).elements) == [(SEQUENCE, b"SQ", [[(0x00080100, b"SH", b"CODE")]])]


def test_sequence_of_unknown_representation() -> None:
    """UN with items is a sequence in Implicit VR (PS3.5 6.2.2), of a defined length or not."""
    inner = pack("<HHL", 0x0008, 0x0100, 4) + b"CODE"
    item = ITEM + pack("<L", len(inner)) + inner
    expected = [(SEQUENCE, b"SQ", [[(0x00080100, b"SH", b"CODE")]])]
    for octets in (element(SEQUENCE, b"UN", item), element(SEQUENCE, b"UN", item + END, UNDEFINED)):
        assert shown(read(octets).elements) == expected


def test_unknown_representation() -> None:
    """UN gets the representation of the dictionary; one that is a sequence there and has no items stays UN."""
    octets = element(SEQUENCE, b"UN", b"no items") + element(0x00100010, b"UN", b"A^B ")
    assert shown(read(octets).elements) == [(SEQUENCE, b"UN", b"no items"), (0x00100010, b"PN", b"A^B ")]
    assert shown(read(element(0x00090010, b"UN", b"CREATOR ")).elements) == [(0x00090010, b"UN", b"CREATOR ")]


def test_empty_sequence() -> None:
    """A sequence without an item is one."""
    assert shown(read(element(SEQUENCE, b"SQ", b"")).elements) == [(SEQUENCE, b"SQ", [])]
    assert shown(read(pack("<HHL", 0x0008, 0x1140, 0), is_implicit=True).elements) == [(SEQUENCE, b"SQ", [])]


@pytest.mark.parametrize(
    ("tag", "vr"), [(0x00280106, b"US"), (0x00283006, b"OW"), (0x00281201, b"OW"), (0x00090001, b"UN")]
)
def test_several_representations(tag: int, vr: bytes) -> None:
    """In Implicit VR an attribute with several representations gets the first, one without any is UN."""
    octets = pack("<HHL", tag >> 16, tag & 0xFFFF, 2) + b"\1\0"
    assert read(octets, is_implicit=True).elements[0].vr == vr


def test_big_endian() -> None:
    """Numbers and lengths in big endian are read."""
    octets = pack(">HH2sHH", 0x0028, 0x0010, b"US", 2, 513)
    assert shown(read(octets, is_big=True).elements) == [(0x00280010, b"US", pack("<H", 513))]


@pytest.mark.parametrize(
    "octets",
    [
        CODE + CODE,
        element(0x00080104, b"LO", b"ab") + CODE,
        CODE[:-1],
        b"\x08\0",
        element(0x00080100, b"??", b"ab"),
        ITEM + pack("<L", 0),
        element(SEQUENCE, b"OB", b"", UNDEFINED),
        element(SEQUENCE, b"SQ", CODE),
        element(SEQUENCE, b"SQ", CODE, UNDEFINED),
        element(SEQUENCE, b"SQ", ITEM + pack("<L", 400) + CODE),
        element(SEQUENCE, b"SQ", ITEM + pack("<L", len(CODE) - 2) + CODE),
        element(SEQUENCE, b"SQ", ITEM + pack("<L", 4) + b"abcd" + b"\xfe\xff"),
        element(SEQUENCE, b"SQ", ITEM + pack("<L", len(CODE)) + CODE, UNDEFINED),
        element(SEQUENCE, b"SQ", ITEM + pack("<L", UNDEFINED) + CODE),
        element(SEQUENCE, b"SQ", ITEM + pack("<L", UNDEFINED), UNDEFINED) * (MAX_DEPTH + 1),
        element(0x7FE00010, b"US", b"ab"),
    ],
)
def test_no_header(octets: bytes) -> None:
    """Octets that are no elements, in no order, or too few, are refused."""
    with pytest.raises(Malformed):
        read(octets)
