"""Each row of PS3.15 table E.1-1: what becomes of the attribute by the basic profile, and by each of its options."""

from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import pytest
from pydicom.datadict import dictionary_VR, keyword_for_tag

from adapters.deidentify.dicom.rules import PSEUDONYMS, TABLE
from adapters.deidentify.dicom.tree import Element, Item
from adapters.deidentify.manifest import Manifest
from tests.adapters.deidentify.dicom.made import header, transformer

UNKNOWN_PATH = 0x00089215
"""Derivation Code Sequence: has no row; below it nothing has a type, so that the strongest action is taken."""
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


def after(given: Element, *options: str, at_top: bool = False) -> Element | None:
    """Return what becomes of an element, which is in a sequence where its type is not known."""
    elements: Item = header(given) if at_top else header(Element(UNKNOWN_PATH, b"SQ", items=[[given]]))
    transformer(options=options).transform(elements, Manifest("", ""))
    if not at_top:
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


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.tag:08X}-{row.option or 'basic'}")
def test_row(row: Row) -> None:
    """The action of the row is done."""
    given, found = made(row), after(made(row), *([row.option] if row.option else []))
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
        named = after(Element(row.tag, row.vr.encode(), b"with Musterfrau "), row.option)
        assert named is None or named.value == b"REMOVED ", "it names the patient"
    elif letter == "U":
        assert found.value.startswith(b"2.25.")
    elif letter == "shift":
        assert is_shifted(row.vr, found.value)
    else:
        assert letter == "D"
        assert found.value != given.value or not given.value
        assert found.value or found.items == [] or row.tag in PSEUDONYMS
        assert TEXT.strip() not in found.value


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
    found = after(Element(tag, vr, value), at_top=True)
    assert (None if found is None else found.value) == result
