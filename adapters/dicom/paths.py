"""Paths of elements in settings: ``PatientID``, ``(0010,0020)``, ``RequestAttributesSequence[0].AccessionNumber``."""

import re
from dataclasses import dataclass
from functools import partial

from adapters.dicom.dictionary import tag_of, vr_of

COMPONENT = re.compile(
    r"""(?:(?P<number>[0-9A-Fa-f]{8})(?![A-Za-z0-9])
    |(?P<keyword>[A-Za-z][A-Za-z0-9]*)
    |\((?P<group>[0-9A-Fa-f]{4}),\s*
      (?:(?P<element>[0-9A-Fa-f]{4})|"(?P<creator>[^"\\]{1,64})",\s*(?P<private>[0-9A-Fa-f]{2}))\)
    )(?:\[(?P<index>\*|[0-9]{1,9})\])?""",
    re.VERBOSE,
)
FORM = (
    "is no path of an element; write a keyword (PatientID) or a tag ((0010,0020) or 00100020), for an element of items "
    "with its sequences and dots before it (RequestAttributesSequence[0].AccessionNumber)"
)


@dataclass(frozen=True, slots=True)
class Name:
    """One element of a path."""

    tag: int
    """If *creator* is given, only the group and the last octet count."""
    creator: str = ""
    index: int | None = None
    """The number of the item that the path continues in; None means every item."""
    has_index: bool = False

    @property
    def is_private(self) -> bool:
        """Whether its group is odd (PS3.5 7.8)."""
        return bool(self.tag >> 16 & 1)


def parse(path: str) -> tuple[Name, ...]:
    """Return the sequences of *path*, followed by its element; raise ValueError if it is no path."""
    names, at = [], 0
    while True:
        found = COMPONENT.match(path, at)
        if found is None:
            raise ValueError(f"{path} {FORM}")
        names.append(_name(path, found))
        at = found.end()
        if at == len(path):
            break
        if path[at] != ".":
            raise ValueError(f"{path} {FORM}")
        at += 1
    _check(path, names)
    return tuple(names)


def _name(path: str, found: re.Match[str]) -> Name:
    index = found["index"]
    name = partial(Name, index=None if index in {None, "*"} else int(index), has_index=index is not None)
    if found["keyword"]:
        tag = tag_of(found["keyword"])
        if tag is None:
            raise ValueError(f"{path}: {found['keyword']} is no keyword of PS3.6; correct it, or write a tag")
        return name(tag)
    if found["creator"]:
        group = int(found["group"], 16)
        if not group & 1:
            raise ValueError(f"{path}: group {group:04X} is even, so it has no private creators; leave the creator out")
        return name(group << 16 | int(found["private"], 16), found["creator"].strip())
    return name(int(found["number"] or found["group"] + found["element"], 16))


def _check(path: str, names: list[Name]) -> None:
    if names[-1].has_index:
        raise ValueError(f"{path} ends with an item; name an element of the item, or the whole sequence without [ ]")
    for each in names[:-1]:
        if each.creator:
            raise ValueError(f"{path}: only the last element of a path may have a creator; write the tag in numbers")
        if not each.is_private and vr_of(each.tag) not in {b"SQ", b""}:
            raise ValueError(f"{path}: {written(each.tag)} is no sequence, so it has no items")
    for each in names:
        _check_place(path, each)


def _check_place(path: str, name: Name) -> None:
    group, element = name.tag >> 16, name.tag & 0xFFFF
    if group == 0x0002:
        raise ValueError(f"{path}: group 0002 is made by Hilum from the data set; leave it out")
    if group in {0x0000, 0xFFFE} or group in {0x0001, 0x0003, 0x0005, 0x0007, 0xFFFF}:
        raise ValueError(f"{path}: group {group:04X} cannot be in a data set (PS3.5 7.1, 7.8)")
    if group == 0x7FE0:
        raise ValueError(f"{path}: group 7FE0 holds the pixels, which pass as they are; leave it out")
    if element == 0 and not name.creator:
        raise ValueError(f"{path}: Hilum updates group lengths itself; leave it out")
    if name.tag == 0x00080005:
        raise ValueError(f"{path}: the character set says how the text of the instance is encoded; it cannot be edited")


def written(tag: int) -> str:
    """Return *tag* in the form ``(0010,0020)``."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
