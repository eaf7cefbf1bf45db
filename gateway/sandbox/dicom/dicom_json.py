"""Writes a data set that pydicom has read in DICOM JSON (PS3.18 F), without what is too large for metadata."""

import json

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset

# Pixel Data, Float Pixel Data, Double Float Pixel Data
PIXEL_DATA = {0x7FE00010, 0x7FE00008, 0x7FE00009}
# Values above this size are skipped and not read for the metadata.
DEFER_SIZE = 64 * 1024
# Binary values above this size are left out of the metadata.
BULK_SIZE = 1024


def metadata_text(data_set: Dataset) -> str:
    """Return *data_set* in DICOM JSON, without elements that are too large or cannot be written in JSON."""
    found = ((tag, _element(data_set, tag)) for tag in sorted(data_set.keys()))
    members = (f'"{tag:08X}": {text}' for tag, text in found if text is not None)
    return f"{{{', '.join(members)}}}"


def _element(data_set: Dataset, tag: int) -> str | None:
    raw: object = data_set.get_item(tag, keep_deferred=True)
    is_deferred = isinstance(raw, RawDataElement) and raw.length > DEFER_SIZE and raw.value is None
    if is_deferred or tag in PIXEL_DATA:
        return None
    try:
        element = data_set[tag]
        if element.VR == "SQ":
            return _sequence(element)
        return json.dumps(element.to_json_dict(_leave_out, BULK_SIZE), allow_nan=False)
    # One invalid value must not prevent the metadata of the other elements.
    except Exception:  # noqa: BLE001
        return None


def _sequence(element: DataElement) -> str:
    items = [metadata_text(item) for item in element.value]
    return f'{{"vr": "SQ", "Value": [{", ".join(items)}]}}' if items else '{"vr": "SQ"}'


class _TooBigError(Exception):
    """Raised for a binary value that is bulk data."""


def _leave_out(_: DataElement) -> str:
    raise _TooBigError
