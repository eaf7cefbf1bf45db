"""Checks with pydicom whether a file is a DICOM instance that can be stored."""

import hashlib
import json
import re
import warnings
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, BinaryIO

import pydicom
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset, read_file_meta_info
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian

from gateway.sandbox.dicom.inflated import MeteredFile, inflate

# Pixel Data, Float Pixel Data, Double Float Pixel Data
PIXEL_DATA = {0x7FE00010, 0x7FE00008, 0x7FE00009}
# Values above this size are skipped and not read for the metadata.
DEFER_SIZE = 64 * 1024
# Binary values above this size are left out of the metadata.
BULK_SIZE = 1024
UNDEFINED_LENGTH = 0xFFFFFFFF
CHUNK = 1024 * 1024
# PS3.5 9.1, but with leading zeros, which the standard forbids and old modalities send.
UID_FORM = re.compile(r"\d+(\.\d+)*\Z", re.ASCII)


class FailureReason(IntEnum):
    """Values of (0008,1197) that this store gives (PS3.18 I.2.2, PS3.7 C)."""

    DUPLICATE_INSTANCE = 0x0111
    INVALID_INSTANCE = 0x0117
    SOP_CLASS_MISMATCH = 0xA900
    STUDY_MISMATCH = 0xA901
    CANNOT_UNDERSTAND = 0xC000
    TRANSFER_SYNTAX_NOT_SUPPORTED = 0xC122


@dataclass(frozen=True, slots=True)
class Instance:
    """What the store keeps about a valid file, besides the file itself."""

    study_uid: str
    series_uid: str
    sop_uid: str
    sop_class_uid: str
    transfer_syntax_uid: str
    modality: str | None
    metadata: str
    """The data set in DICOM JSON (PS3.18 F) without bulk data."""
    digest: str
    """SHA-256 of the data set only: the File Meta Information may differ when the instance is sent again."""
    size: int


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an instance is not stored; the UIDs are None if they cannot be read."""

    reason: FailureReason
    sop_class_uid: str | None = None
    sop_uid: str | None = None


def inspect(path: Path, study_uid: str | None = None) -> Instance | Failure:
    """Check the file at *path*, which must belong to *study_uid* if that is given.

    Call it in one thread at a time: pydicom's warnings, which quote the data, are suppressed meanwhile, and Python
    suppresses warnings for the whole process.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        named: tuple[str | None, str | None] = (None, None)
        try:
            meta = read_file_meta_info(path)
            named = (_uid(meta, "MediaStorageSOPClassUID"), _uid(meta, "MediaStorageSOPInstanceUID"))
            with MeteredFile(_open(path, meta)) as file:
                data_set = _read(file, meta)
                reason = _reason_to_refuse(data_set, meta, file.size, study_uid)
                return Failure(reason, *named) if reason else _describe(data_set, meta, path)
        # pydicom has no common error for what it cannot read: ValueError, KeyError, struct.error, zlib.error, …
        except Exception as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            return Failure(FailureReason.CANNOT_UNDERSTAND, *named)


def _is_deflated(meta: Dataset) -> bool:
    return _uid(meta, "TransferSyntaxUID") == DeflatedExplicitVRLittleEndian


def _open(path: Path, meta: Dataset) -> BinaryIO:
    return inflate(path, _data_set_offset(meta)) if _is_deflated(meta) else path.open("rb")


def _read(file: BinaryIO, meta: Dataset) -> Dataset:
    if _is_deflated(meta):
        return read_dataset(file, is_implicit_VR=False, is_little_endian=True, defer_size=DEFER_SIZE)
    return pydicom.dcmread(file, defer_size=DEFER_SIZE)


def _describe(data_set: Dataset, meta: Dataset, path: Path) -> Instance:
    return Instance(
        study_uid=str(data_set.StudyInstanceUID),
        series_uid=str(data_set.SeriesInstanceUID),
        sop_uid=str(data_set.SOPInstanceUID),
        sop_class_uid=str(data_set.SOPClassUID),
        transfer_syntax_uid=str(meta.TransferSyntaxUID),
        modality=str(data_set.get("Modality") or "") or None,
        metadata=json.dumps(_metadata(data_set)),
        digest=_digest(path, _data_set_offset(meta)),
        size=path.stat().st_size,
    )


def _reason_to_refuse(data_set: Dataset, meta: Dataset, size: int, study_uid: str | None) -> FailureReason | None:
    transfer_syntax = _uid(meta, "TransferSyntaxUID")
    identity = [_uid(data_set, name) for name in ("SOPClassUID", "StudyInstanceUID", "SeriesInstanceUID")]
    if transfer_syntax is not None and not UID(transfer_syntax).is_transfer_syntax:
        return FailureReason.TRANSFER_SYNTAX_NOT_SUPPORTED
    if transfer_syntax is None or None in identity or _is_truncated(data_set, size):
        return FailureReason.CANNOT_UNDERSTAND
    if _uid(data_set, "SOPClassUID") != _uid(meta, "MediaStorageSOPClassUID"):
        return FailureReason.SOP_CLASS_MISMATCH
    sop_uid = _uid(data_set, "SOPInstanceUID")
    if sop_uid is None or sop_uid != _uid(meta, "MediaStorageSOPInstanceUID"):
        return FailureReason.INVALID_INSTANCE
    # PS3.18 10.5.1.1: the instances must be of the study that the URI names.
    if study_uid is not None and study_uid != _uid(data_set, "StudyInstanceUID"):
        return FailureReason.STUDY_MISMATCH
    return None


def _uid(data_set: Dataset, keyword: str) -> str | None:
    value = str(data_set.get(keyword, ""))
    return value if UID_FORM.match(value) and len(value) <= 64 else None


def _is_truncated(data_set: Dataset, size: int) -> bool:
    """Return whether an element extends beyond the end of the file; pydicom does not report that."""
    return any(
        element.value_tell + element.length > size
        for element in _raw_elements(data_set)
        if element.length != UNDEFINED_LENGTH
    )


def _raw_elements(data_set: Dataset) -> list[RawDataElement]:
    """Return the elements that pydicom has read but not interpreted: all but sequences of undefined length."""
    elements: list[object] = [data_set.get_item(tag, keep_deferred=True) for tag in sorted(data_set.keys())]
    return [element for element in elements if isinstance(element, RawDataElement)]


def _data_set_offset(meta: Dataset) -> int:
    """Return the offset of the data set (PS3.10 7.1), or 0 if the header has no group length."""
    group_length = meta.get("FileMetaInformationGroupLength")
    # Preamble, prefix, the element of the group length, and the octets that it counts.
    return 128 + 4 + 12 + int(group_length) if group_length else 0


def _digest(path: Path, offset: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        file.seek(offset)
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _metadata(data_set: Dataset) -> dict[str, Any]:
    """Return *data_set* in DICOM JSON, without elements that are too large or cannot be written in JSON."""
    elements = {f"{tag:08X}": _element(data_set, tag) for tag in sorted(data_set.keys())}
    return {tag: element for tag, element in elements.items() if element is not None}


def _element(data_set: Dataset, tag: int) -> dict[str, Any] | None:
    raw: object = data_set.get_item(tag, keep_deferred=True)
    is_deferred = isinstance(raw, RawDataElement) and raw.length > DEFER_SIZE and raw.value is None
    if is_deferred or tag in PIXEL_DATA:
        return None
    try:
        element = data_set[tag]
        found = _sequence(element) if element.VR == "SQ" else element.to_json_dict(_leave_out, BULK_SIZE)
        json.dumps(found, allow_nan=False)
    # One invalid value must not prevent the metadata of the other elements.
    except Exception:  # noqa: BLE001
        return None
    return found


def _sequence(element: DataElement) -> dict[str, Any]:
    items = [_metadata(item) for item in element.value]
    return {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}


class _TooBigError(Exception):
    """Raised for a binary value that is bulk data."""


def _leave_out(_: DataElement) -> str:
    raise _TooBigError
