"""What pydicom makes of a value that is not as it should be, and of text in other character sets.

pydicom puts values into its warnings, log lines and exceptions: none of them leaves this file.
"""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from adapters.tables.dicom.data_set import PIXEL_DATA, DataSet, Element, of_json
from adapters.tables.dicom.quiet import quiet
from adapters.tables.dicom.values import MOST_BINARY


def element_by_pydicom(tag: int, vr: str, octets: bytes, order: str, encodings: Sequence[str]) -> Element | None:
    """Return the attribute as pydicom writes it; None if it cannot, or if it is bulk data."""
    from pydicom.dataelem import RawDataElement, convert_raw_data_element  # noqa: PLC0415  pydicom takes 9 MiB
    from pydicom.tag import BaseTag  # noqa: PLC0415  likewise

    raw = RawDataElement(BaseTag(tag), vr, len(octets), octets, 0, is_implicit_VR=False, is_little_endian=order == "<")
    with quiet():
        try:
            element = convert_raw_data_element(raw, encoding=list(encodings))
            return _plain(element.to_json_dict(_leave_out, MOST_BINARY // 3 * 4))
        except Exception:  # noqa: BLE001  it has no common error; one value that is wrong does not hide the others
            return None


def items_by_pydicom(octets: bytes, order: str, implicit: bool, encodings: Sequence[str]) -> list[DataSet] | None:
    """Return the items that pydicom finds in the value of a sequence, however it is made; None if it cannot."""
    from pydicom.values import convert_SQ  # noqa: PLC0415  likewise

    with quiet():
        try:
            found = convert_SQ(octets, implicit, order == "<", list(encodings))
            return [of_json(_attributes(each)) for each in found]
        except Exception:  # noqa: BLE001  likewise
            return None


def _attributes(item: Any) -> dict[str, Element]:
    found = {f"{tag:08X}": _attribute(item, tag) for tag in sorted(item.keys()) if tag not in PIXEL_DATA}
    return {tag: element for tag, element in found.items() if element is not None}


def _attribute(item: Any, tag: int) -> Element | None:
    try:
        element = item[tag]
        if element.VR == "SQ":
            items = [_attributes(each) for each in element.value]
            return {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}
        return _plain(element.to_json_dict(_leave_out, MOST_BINARY // 3 * 4))
    except Exception:  # noqa: BLE001  likewise
        return None


def _plain(element: Element) -> Element:
    """Return the same of Python's own types: pydicom has texts and numbers of its own, which msgspec does not encode.

    Raises ValueError for numbers that JSON does not have.
    """
    found: Element = json.loads(json.dumps(element, allow_nan=False))
    return found


class _BulkDataError(Exception):
    """The value is bulk data."""


def _leave_out(_: Any) -> str:
    raise _BulkDataError


@lru_cache(maxsize=256)
def encodings_of(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return what Python calls the character sets of Specific Character Set (0008,0005)."""
    from pydicom.charset import convert_encodings  # noqa: PLC0415  pydicom takes 9 MiB

    with quiet():
        return tuple(convert_encodings(list(names) if len(names) != 1 else names[0]))


def decoder(encodings: Sequence[str]) -> Callable[[bytes], str]:
    """Return what decodes text; raises UnicodeError if it cannot."""

    def decode(octets: bytes) -> str:
        if octets.isascii() and b"\x1b" not in octets:
            return octets.decode("ascii")
        from pydicom.charset import decode_bytes  # noqa: PLC0415  likewise
        from pydicom.valuerep import TEXT_VR_DELIMS  # noqa: PLC0415  likewise

        with quiet():
            return str(decode_bytes(octets, encodings, TEXT_VR_DELIMS))

    return decode


@lru_cache(maxsize=4096)
def private_vr(tag: int, creator: str) -> str:
    """Return the value representation of a private element that pydicom knows by its creator, otherwise ``UN``."""
    from pydicom.datadict import private_dictionary_VR  # noqa: PLC0415  likewise
    from pydicom.tag import BaseTag  # noqa: PLC0415  likewise

    try:
        return str(private_dictionary_VR(BaseTag(tag), creator))
    except KeyError:
        return "UN"
