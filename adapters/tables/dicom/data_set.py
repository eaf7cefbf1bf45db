"""A data set in DICOM JSON (PS3.18 F), with what the JSON does not tell: the digits of decimals, what is left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Element = dict[str, Any]
"""One attribute of DICOM JSON: ``vr``, and ``Value`` or ``InlineBinary`` if it has a value."""

PIXEL_DATA = frozenset((0x7FE00010, 0x7FE00008, 0x7FE00009))
"""Pixel Data, Float Pixel Data, Double Float Pixel Data."""


@dataclass(slots=True)
class DataSet:
    """The attributes of an instance, or of an item of a sequence."""

    json: dict[str, Element] = field(default_factory=dict)
    """By tag, eight hexadecimal digits."""
    texts: dict[str, list[str]] = field(default_factory=dict)
    """The values of DS and IS as they were written: JSON has numbers, which may round them."""
    items: "dict[str, list[DataSet]]" = field(default_factory=dict)
    """The items of sequences, whose JSON is in the ``Value`` of the sequence."""
    dropped: list[str] = field(default_factory=list)
    """The tags of attributes that are not in the JSON: bulk data, and values that JSON cannot have. Pixels are not
    told."""


def of_json(found: Mapping[str, Any]) -> DataSet:
    """Return the data set of DICOM JSON, such as a store's ``/metadata``; bulk data count as left out."""
    result = DataSet()
    for tag, element in found.items():
        if "BulkDataURI" in element:
            if int(tag, 16) not in PIXEL_DATA:
                result.dropped.append(tag)
            continue
        result.json[tag] = dict(element)
        if element.get("vr") == "SQ":
            result.items[tag] = [of_json(each or {}) for each in element.get("Value", ())]
            if "Value" in element:
                result.json[tag]["Value"] = [each.json for each in result.items[tag]]
    return result
