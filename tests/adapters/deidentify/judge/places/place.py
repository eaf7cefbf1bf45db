"""A place where an identifier can hide: how it is planted there, and what must be so afterwards."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from pydicom.datadict import dictionary_VR, tag_for_keyword

from adapters.deidentify.dicom.tree import Element, Item, written
from tests.adapters.deidentify.dicom.made import CT, header, image, part10
from tests.adapters.deidentify.dicom.made import element as octets_of

PIXELS = 0x7FE00010
STUDY_UID = "1.3.6.1.4.1.9999.20200505.7423501"
"""A UID as real ones are: with the day of the study and the number of the patient in it."""


class After(Enum):
    """What must be so of the place afterwards."""

    REMOVED = "removed"
    EMPTIED = "emptied"
    REPLACED = "replaced"
    """By a pseudonym, a dummy, a new UID, a moved date."""
    CLEANED = "kept; removed or replaced if it names the object's own patient"
    STRIPPED = "these octets are left out, the image is as before"
    HELD_BACK = "the object is held back"
    HELD_BACK_IF_OWN = "kept; the object is held back if it names its own patient"

    @property
    def of_others(self) -> str:
        """What becomes of a name that the object does not give for its patient."""
        if self in {After.CLEANED, After.HELD_BACK_IF_OWN}:
            return "stays"
        return "held back" if self is After.HELD_BACK else "gone"


@dataclass(frozen=True)
class Place:
    """One place."""

    name: str
    make: Callable[[bytes], bytes]
    """Return a Part 10 file with these octets in the place."""
    after: After
    path: tuple[int, ...] = ()
    """The tags down to the element; empty for what is in no element."""
    takes: str = "text"
    """What can be planted: ``text``, ``uid``, ``date``, ``name`` (a PN), or ``word`` (a text of ASCII letters only)."""
    options: tuple[str, ...] = ()
    """Options of the profile without which the object would be held back."""


def tag(keyword: str) -> int:
    """Return the tag of a keyword."""
    found = tag_for_keyword(keyword)
    assert found is not None, keyword
    return found


def leaf(keyword: str, value: bytes, vr: str = "") -> Element:
    """Return an element of the representation that the dictionary gives, or of *vr*."""
    return Element(tag(keyword), (vr or dictionary_VR(keyword)[:2]).encode(), value)


def holder(keyword: str, *items: Item) -> Element:
    """Return a sequence."""
    return Element(tag(keyword), b"SQ", items=list(items))


def nested(path: str, value: bytes, vr: str = "", beside: Item | None = None) -> Element:
    """Return the element at the end of *path*, keywords with ``/`` between, in its sequences.

    *beside* are elements that stand beside it in the innermost item.
    """
    *above, last = path.split("/")
    found = leaf(last, value, vr)
    for number, keyword in enumerate(reversed(above)):
        item = sorted([found, *((beside or []) if number == 0 else [])], key=lambda each: each.tag)
        found = holder(keyword, item)
    return found


def file(*more: Element, sop_class: str = CT, tail: bytes = b"", pixels: bool = False) -> bytes:
    """Return an instance with *more* elements, then *tail*; with native pixels of 4 by 4 if *pixels*."""
    shape = image() if pixels else []
    given = {each.tag: each for each in [leaf("StudyInstanceUID", STUDY_UID.encode()), *shape, *more]}
    behind = sorted((each for each in given.values() if each.tag > PIXELS), key=lambda each: each.tag)
    before = header(*(each for each in given.values() if each.tag < PIXELS), sop_class=sop_class)
    frame = octets_of(PIXELS, b"OW", bytes(range(16))) if pixels else b""
    return part10(written(before, is_implicit=False) + frame + written(behind, is_implicit=False) + tail)


def elements_at(elements: Item, path: tuple[int, ...]) -> Iterator[Element]:
    """Yield each element at *path*, in any item of the sequences above it."""
    for each in elements:
        if each.tag == path[0]:
            if len(path) == 1:
                yield each
            for item in each.items or ():
                if len(path) > 1:
                    yield from elements_at(item, path[1:])


def at(name: str, path: str, after: After, vr: str = "", **more: object) -> Place:
    """Return the place that is one attribute, by its path."""
    sop_class = str(more.get("sop_class", CT))
    beside = more.get("beside")
    options = more.get("options", ())
    assert isinstance(options, tuple)
    assert beside is None or isinstance(beside, list)
    kind = vr or dictionary_VR(path.rsplit("/", maxsplit=1)[-1])[:2]
    takes = {"UI": "uid", "DA": "date", "DT": "date", "PN": "name"}.get(kind, "text")
    return Place(
        name,
        lambda octets: file(nested(path, octets, kind, beside), sop_class=sop_class),
        after,
        tuple(tag(each) for each in path.split("/")),
        str(more.get("takes", takes)),
        options,
    )
