"""Each row of PS3.15 table E.1-1: what becomes of the attribute by the basic profile, and by each of its options."""

from datetime import date, timedelta
from functools import cache, partial
from typing import NamedTuple

import pytest
from pydicom.datadict import dictionary_VR, keyword_for_tag

from adapters.deidentify.dicom.rules import PSEUDONYMS, TABLE
from adapters.deidentify.dicom.tree import Element, Item
from adapters.deidentify.manifest import Manifest
from tests.adapters.deidentify.dicom.made import CT, header, transformer

UNKNOWN_PATH = 0x00089215
"""Derivation Code Sequence: has no row; below it nothing has a type, so that the strongest action is taken."""
RETIRED = "1.2.840.10008.5.1.4.1.1.3"
"""A class of which no type is known."""
VALUES = {
    "DA": b"20110213", "TM": b"112233", "DT": b"20110213112233", "AS": b"044Y", "UI": b"1.3.46.99.7", "DS": b"7.25",
    "IS": b"725 ", "US": b"\7\1", "SS": b"\7\1", "UL": b"\7\1\0\0", "FL": b"\7\1\0\0", "FD": b"\7\1\0\0\0\0\0\0",
    "OB": b"some octets.", "OW": b"some octets.", "UN": b"some octets.", "CS": b"OTHERTERM ", "AE": b"SOMEWHERE ",
    "UR": b"https://example.com/a ",
}  # fmt: skip
TEXT = b"quite other words "
MODIFIED = "retain_longitudinal_modified_dates"


class Row(NamedTuple):
    """An attribute and what one option makes of it."""

    tag: int
    vr: str
    letters: str
    option: str


@cache
def rows() -> list[Row]:
    """Return the table: a row for the basic profile, and one for each option that says something of the attribute."""
    found = []
    for line in (TABLE / "actions.tsv").read_text().splitlines()[1:]:
        tag, basic, options, _ = line.split("\t")
        number = int(tag.replace("50XXXXXX", "50020030").replace("60XX", "6002"), 16)
        vr = dictionary_VR(number) if keyword_for_tag(number) else "LO"
        vr = {"US or SS": "US", "OB or OW": "OW"}.get(vr, vr)
        found.append(Row(number, vr, basic, ""))
        found += [Row(number, vr, each.split("=")[1], each.split("=")[0]) for each in options.split()]
    return found


def after(given: Element, *options: str, depth: int = 1, sop_class: str = CT) -> Element | None:
    """Return what becomes of an element inside so many sequences, of which none gives it a type; at depth 0 of none."""
    outer = given
    for _ in range(depth):
        outer = Element(UNKNOWN_PATH, b"SQ", items=[[outer]])
    elements: Item = header(outer, sop_class=sop_class)
    transformer(options=options).transform(elements, Manifest("", ""))
    for _ in range(depth):
        (holder,) = [each for each in elements if each.tag == UNKNOWN_PATH]
        assert holder.items is not None
        elements = holder.items[0]
    return next((each for each in elements if each.tag == given.tag), None)


def made(row: Row, text: bytes = TEXT) -> Element:
    """Return an element for a row; its value says nothing of the patient."""
    if row.vr == "SQ":
        return Element(row.tag, b"SQ", items=[[Element(0x00080104, b"LO", text)]])
    return Element(row.tag, row.vr.encode(), VALUES.get(row.vr, text))


def expected(row: Row) -> str:  # noqa: PLR0911  one row for each exception
    """Return the letter that counts where the type of the attribute is not known."""
    if row.tag >> 24 in {0x50, 0x60}:
        return "X"  # curves and overlays as a whole
    if row.letters == "X/Z/U*":
        return "items"
    if row.tag in PSEUDONYMS:
        return "D"
    if row.letters.startswith("X/"):
        return "X"
    if row.letters == "Z/D":
        return "Z"
    if row.letters == "C" and row.vr == "OB":
        return next(each.letters for each in rows() if each.tag == row.tag and not each.option)
    if row.letters == "C" and row.option == MODIFIED and row.vr != "SH":
        return "items" if row.vr == "SQ" else "shift"
    if row.vr == "SQ" and row.letters in {"K", "C", "U"}:
        return "X" if row.letters == "U" else "items"
    return row.letters


OF_THE_ENGINE = {0x00080016, 0x00080018, 0x00100021, 0x00120062, 0x00120063, 0x00120064, 0x00280303}
"""What the engine needs at the top of an object, or writes itself."""


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.tag:08X}-{row.option or 'basic'}")
def test_row(row: Row) -> None:
    """The action of the row is done, at the top of an object whose types are not known, and at any depth of one."""
    for depth in (1, 2) if row.tag in OF_THE_ENGINE else (0, 1, 2):
        check(row, depth)


def check(row: Row, depth: int) -> None:
    """Fail if the action is not done at this depth."""
    where = partial(after, depth=depth, sop_class=CT if depth else RETIRED)
    given, found = made(row), where(made(row), *([row.option] if row.option else []))
    letter = expected(row)
    if letter == "X":
        assert found is None
        return
    assert found is not None
    if letter == "Z":
        assert not found.value
        assert not found.items
    elif letter == "items":
        assert found.items
    elif letter == "K":
        assert found.value == given.value
    elif letter == "C":
        assert found.value == given.value
        named = where(Element(row.tag, row.vr.encode(), b"with Musterfrau "), row.option)
        assert named is None or named.value == b"REMOVED ", "it names the patient"
    elif letter == "U":
        assert found.value.startswith(b"2.25.")
    elif letter == "shift":
        assert is_shifted(row.vr, found.value)
    else:
        assert letter == "D"
        inner = found.items[0][0] if found.items else found
        assert inner.value or row.tag in PSEUDONYMS
        assert inner.value != given.value
        assert TEXT.strip() not in inner.value


def is_shifted(vr: str, value: bytes) -> bool:
    """Whether a date is earlier by whole weeks; a time of day stays."""
    if vr == "TM":
        return value == VALUES["TM"]
    days = date.fromisoformat(value[:8].decode()) - date(2011, 2, 13)
    return days < timedelta(0) and days.days % 7 == 0 and value[8:] == VALUES[vr][8:]


def test_all_rows_are_here() -> None:
    """The edition of the table has this many rows; each option has some."""
    found = rows()
    assert sum(not each.option for each in found) == 620
    assert {each.option for each in found} - {""} == {
        "retain_uids", "retain_device_identity", "retain_institution_identity", "retain_patient_characteristics",
        "retain_longitudinal_full_dates", MODIFIED, "clean_descriptors", "clean_structured_content", "clean_graphics",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("tag", "vr", "value", "result"),
    [
        (0x00080023, b"DA", b"20110213", b""),  # Content Date, type 2 of a CT image: Z of Z/D
        (0x00080012, b"DA", b"20110213", None),  # Instance Creation Date, type 3: X of X/D
        (0x00180010, b"LO", b"agent ", b""),  # Contrast/Bolus Agent, type 2 of a CT image: Z of Z/D
        (0x00181030, b"LO", b"protocol", None),  # Protocol Name, type 3
    ],
)
def test_typed(tag: int, vr: bytes, value: bytes, result: bytes | None) -> None:
    """Where the IOD says which type the attribute has, the mildest action that keeps the object valid is taken."""
    found = after(Element(tag, vr, value), depth=0)
    assert (None if found is None else found.value) == result
