"""Private elements: only known ones stay, by creator, element and representation, at the top level."""

import pytest

from adapters.deidentify.dicom.private import NEVER, TABLE, Private, safe
from adapters.deidentify.dicom.tree import Element, Item

CREATOR, VALUE = 0x00090010, 0x00091001
PRIVATE = Private()


def row() -> tuple[int, str, int, bytes]:
    """Return a row of the table with one representation."""
    return next(
        (group, creator, number, next(iter(vrs))) for (group, creator, number), vrs in safe().items() if len(vrs) == 1
    )


def made(vr: bytes | None = None, block: int = 0x10, creator: str | None = None) -> Item:
    """Return a creator and an element that the table lists."""
    group, name, number, known = row()
    return [
        Element(group << 16 | block, b"LO", (creator or name).encode()),
        Element(group << 16 | block << 8 | number, known if vr is None else vr, b"1 "),
    ]


def is_safe(elements: Item, path: tuple[int, ...] = ()) -> bool:
    """Whether the last element stays."""
    return PRIVATE.is_safe(elements[-1], PRIVATE.creators(elements), path)


@pytest.mark.parametrize("block", [0x10, 0x42, 0xFF])
def test_safe(block: int) -> None:
    """A listed element stays, in whichever block its creator has reserved; also with a creator in small letters."""
    assert is_safe(made(block=block))
    assert is_safe(made(block=block, creator=row()[1].lower() + " "))


def test_unsafe() -> None:
    """Of another creator, with another representation, in a sequence, as a sequence, or without a creator: removed."""
    assert not is_safe(made(creator="SOMEBODY ELSE"))
    assert not is_safe(made(vr=b"UT"))
    assert not is_safe(made(), path=(0x00081140,))
    elements = made()
    elements[-1].items = []
    assert not is_safe(elements)
    assert not is_safe(made()[1:])


@pytest.mark.parametrize("vr", sorted(NEVER - {b"UN"}))
def test_never(vr: bytes) -> None:
    """Octets of which nobody knows what they are, and free text, stay never."""
    assert not is_safe(made(vr=vr))


def test_unknown_representation() -> None:
    """In Implicit VR nobody says which it is: the listed one, if there is one only."""
    elements = made(vr=b"UN")
    assert is_safe(elements)
    assert elements[-1].vr == row()[3]
    (group, creator, number), vrs = next((key, vrs) for key, vrs in safe().items() if len(vrs) > 1)
    several = [Element(group << 16 | 0x10, b"LO", creator.encode()), Element(group << 16 | 0x1000 | number, b"UN", b"")]
    assert len(vrs) > 1
    assert not is_safe(several)


def test_creators() -> None:
    """The creator of a known block stays; another is removed, and so is one whose elements are all gone."""
    elements = made()
    creators = PRIVATE.creators(elements)
    assert PRIVATE.is_safe(elements[0], creators, ())
    assert not PRIVATE.is_safe(Element(CREATOR, b"LO", b"MUSTERFRAU"), {VALUE & 0xFFFFFF00: "MUSTERFRAU"}, ())
    assert PRIVATE.without_idle_creators(elements) == elements
    assert PRIVATE.without_idle_creators(elements[:1]) == []
    public = Element(0x00100020, b"LO", b"1 ")
    assert PRIVATE.without_idle_creators([public, elements[0]]) == [public]


def test_creator_of_unknown_representation() -> None:
    """A creator of a writer that did not know its representation is read like any other."""
    elements = [Element(CREATOR, b"UN", b"acme "), Element(0x000900FF, b"UL", b"\0\0\0\0")]
    assert PRIVATE.creators(elements) == {0x00091000: "ACME"}
    assert elements[0].vr == b"LO"


def test_table() -> None:
    """The knowledge base names hundreds of safe elements, and none with a representation that stays never."""
    assert len(safe()) > 500
    assert not {vr for vrs in safe().values() for vr in vrs} & NEVER
    assert all(group & 1 for group, _, _ in safe())
    assert len(TABLE.read_text(encoding="utf-8").splitlines()) == len(safe()) + 1
