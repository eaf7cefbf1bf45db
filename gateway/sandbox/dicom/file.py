"""Checks with pydicom whether a file is a DICOM instance that can be stored."""

import hashlib
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import BinaryIO

import pydicom
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset, read_file_meta_info
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian

from gateway.sandbox.dicom.dicom_json import DEFER_SIZE, metadata_text
from gateway.sandbox.dicom.inflated import MeteredFile, inflate

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


@dataclass(frozen=True, slots=True)
class _Names:
    """The UIDs that a File Meta Information or a data set gives; None for a value that is no UID."""

    sop_class: str | None = None
    sop: str | None = None
    study: str | None = None
    series: str | None = None


def inspect(path: Path, study_uid: str | None = None) -> Instance | Failure:
    """Check the file at *path*, which must belong to *study_uid* if that is given.

    Call it in one thread at a time: pydicom's warnings, which quote the data, are suppressed meanwhile, and Python
    suppresses warnings for the whole process.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        named = _Names()
        try:
            meta = read_file_meta_info(path)
            named = _Names(_uid(meta, "MediaStorageSOPClassUID"), _uid(meta, "MediaStorageSOPInstanceUID"))
            syntax, offset = _uid(meta, "TransferSyntaxUID"), _data_set_offset(meta)
            with MeteredFile(_open(path, syntax, offset)) as file:
                data_set = _read(file, syntax)
                names, truncated = _names(data_set), _is_truncated(data_set, file.size)
                reason = _reason_to_refuse(syntax, named, names, study_uid, truncated=truncated)
                if reason:
                    return Failure(reason, named.sop_class, named.sop)
                return _describe(data_set, names, str(syntax), _digest(path, offset), path.stat().st_size)
        # pydicom has no common error for what it cannot read: ValueError, KeyError, struct.error, zlib.error, …
        except Exception as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            return Failure(FailureReason.CANNOT_UNDERSTAND, named.sop_class, named.sop)


def _open(path: Path, syntax: str | None, offset: int) -> BinaryIO:
    return inflate(path, offset) if syntax == DeflatedExplicitVRLittleEndian else path.open("rb")


def _read(file: BinaryIO, syntax: str | None) -> Dataset:
    if syntax == DeflatedExplicitVRLittleEndian:
        return read_dataset(file, is_implicit_VR=False, is_little_endian=True, defer_size=DEFER_SIZE)
    return pydicom.dcmread(file, defer_size=DEFER_SIZE)


def _names(data_set: Dataset) -> _Names:
    keywords = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
    return _Names(*(_uid(data_set, keyword) for keyword in keywords))


def _describe(data_set: Dataset, names: _Names, syntax: str, digest: str, size: int) -> Instance:
    return Instance(
        study_uid=str(names.study),
        series_uid=str(names.series),
        sop_uid=str(names.sop),
        sop_class_uid=str(names.sop_class),
        transfer_syntax_uid=syntax,
        modality=str(data_set.get("Modality") or "") or None,
        metadata=metadata_text(data_set),
        digest=digest,
        size=size,
    )


def _reason_to_refuse(
    syntax: str | None, meta: _Names, found: _Names, study_uid: str | None, *, truncated: bool
) -> FailureReason | None:
    """Return why an instance with these UIDs is not stored; *study_uid* is that of the request, if it names one."""
    if syntax is not None and not UID(syntax).is_transfer_syntax:
        return FailureReason.TRANSFER_SYNTAX_NOT_SUPPORTED
    if syntax is None or None in (found.sop_class, found.study, found.series) or truncated:
        return FailureReason.CANNOT_UNDERSTAND
    if found.sop_class != meta.sop_class:
        return FailureReason.SOP_CLASS_MISMATCH
    if found.sop is None or found.sop != meta.sop:
        return FailureReason.INVALID_INSTANCE
    # PS3.18 10.5.1.1: the instances must be of the study that the URI names.
    if study_uid is not None and study_uid != found.study:
        return FailureReason.STUDY_MISMATCH
    return None


def _uid(data_set: Dataset, keyword: str) -> str | None:
    value = str(data_set.get(keyword, ""))
    return value if UID_FORM.match(value) and len(value) <= 64 else None


def _is_truncated(data_set: Dataset, size: int) -> bool:
    """Return whether an element extends beyond the end of the file; pydicom does not report that."""
    elements: Iterable[object] = data_set.values()  # raw: what pydicom has read, but not interpreted
    return any(
        element.value_tell + element.length > size
        for element in elements
        if isinstance(element, RawDataElement) and element.length != UNDEFINED_LENGTH
    )


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
