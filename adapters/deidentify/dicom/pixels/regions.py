"""Areas in which a device writes text, by its maker, model and the size of the image; and what lies outside ultrasound.

The table is made by ``tests/adapters/deidentify/write_regions.py`` from the recipes of pydicom/deid (MIT licence).
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from adapters.deidentify.dicom.identity import text_of
from adapters.deidentify.dicom.pixels.search import Box
from adapters.deidentify.dicom.tree import Element, Item
from adapters.deidentify.settings import PixelRegion

TABLE = Path(__file__).with_name("regions.tsv")
MANUFACTURER, MODEL, MODALITY = 0x00080070, 0x00081090, 0x00080060
ULTRASOUND_REGIONS = 0x00186011
X0, Y0, X1, Y1 = 0x00186018, 0x0018601A, 0x0018601C, 0x0018601E
LEAST_PART = 0.25
"""Regions of ultrasound that cover less of the image are not trusted to have all of it."""
NUMBERS = frozenset({0x00280010, 0x00280011})


class Condition(NamedTuple):
    """A tag and the texts of which its value must have one; of a number, which it must be."""

    tag: int
    values: tuple[str, ...]


class Rule(NamedTuple):
    """What must hold of a header, and where text is then."""

    conditions: tuple[Condition, ...]
    boxes: tuple[Box, ...]


def known_boxes(elements: Item, rows: int, columns: int, own: Iterable[PixelRegion]) -> set[Box]:
    """Return the areas that are covered whatever they show, by the original header."""
    boxes = {box for rule in rules() if _holds(rule, elements) for box in rule.boxes}
    for each in own:
        if _is_of(each, elements, rows, columns):
            boxes |= {Box(x, y, x + width, y + height) for x, y, width, height in each.areas}
    if text_of(elements, MODALITY) == "US":
        boxes |= set(_outside_regions(elements, rows, columns))
    cut = (Box(max(0, x0), max(0, y0), min(x1, columns), min(y1, rows)) for x0, y0, x1, y1 in boxes)
    return {each for each in cut if each.left < each.right and each.top < each.bottom}


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rows of the table."""
    found = []
    for line in TABLE.read_text().splitlines()[1:]:
        conditions, areas, _ = line.split("\t")
        found.append(Rule(tuple(map(_condition, conditions.split(";"))), tuple(map(_box, areas.split(";")))))
    return tuple(found)


def _condition(text: str) -> Condition:
    tag, _, values = text.partition("=")
    return Condition(int(tag, 16), tuple(values.split("|")))


def _box(text: str) -> Box:
    left, top, right, bottom = map(int, text.split(","))
    return Box(left, top, right, bottom)


def _holds(rule: Rule, elements: Item) -> bool:
    return all(_has(elements, condition) for condition in rule.conditions)


def _has(elements: Item, condition: Condition) -> bool:
    if condition.tag in NUMBERS:
        return str(_number(elements, condition.tag)) in condition.values
    value = text_of(elements, condition.tag)
    # From the start of a word: "GE" is no part of "AGFA-GEVAERT" and is one of "GE MEDICAL SYSTEMS".
    end = r"\b" if condition.tag == MANUFACTURER else ""
    return any(re.search(rf"\b{re.escape(each)}{end}", value, re.IGNORECASE) for each in condition.values)


def _is_of(region: PixelRegion, elements: Item, rows: int, columns: int) -> bool:
    return (
        region.manufacturer.casefold() in text_of(elements, MANUFACTURER).casefold()
        and region.model.casefold() in text_of(elements, MODEL).casefold()
        and region.rows in {None, rows}
        and region.columns in {None, columns}
    )


def _outside_regions(elements: Item, rows: int, columns: int) -> Iterator[Box]:
    """Yield what lies outside the rectangle around all regions of an ultrasound (PS3.3 C.8.5.5)."""
    items = next((each.items for each in elements if each.tag == ULTRASOUND_REGIONS), None) or []
    corners = [[_number(item, tag) for tag in (X0, Y0, X1, Y1)] for item in items]
    if not corners:
        return
    left, top = min(each[0] for each in corners), min(each[1] for each in corners)
    right, bottom = max(each[2] for each in corners) + 1, max(each[3] for each in corners) + 1
    if right > columns + 1 or bottom > rows + 1 or (right - left) * (bottom - top) < LEAST_PART * rows * columns:
        return
    yield from (
        Box(0, 0, columns, top),
        Box(0, bottom, columns, rows),
        Box(0, top, left, bottom),
        Box(right, top, columns, bottom),
    )


def _number(item: Iterable[Element], tag: int) -> int:
    value = next((each.value for each in item if each.tag == tag), b"")
    return int.from_bytes(value[:4], "little")
