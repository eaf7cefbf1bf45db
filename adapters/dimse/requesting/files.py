"""DICOM files that are to be sent: which ones, what each is, and how they share associations."""

import warnings
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset, read_partial
from pydicom.tag import BaseTag
from pydicom.uid import DeflatedExplicitVRLittleEndian
from pynetdicom.dsutils import split_dataset

from gateway.contract.message import UID

MAX_CONTEXTS = 128  # PS3.8 9.3.2.2: their IDs are the odd numbers below 256
MEDIA_STORAGE_DIRECTORY = "1.2.840.10008.1.3.10"
SOP_INSTANCE_UID = 0x00080018
MOST_BEFORE_NAMES = 64 * 1024
"""Octets of a deflated data set, before and after inflation, in which its names have to be."""
UNREADABLE = "the file cannot be read"
NOT_PART_10 = "not a DICOM Part 10 file"
DIRECTORY = "not sent: a DICOMDIR lists instances and is none"
INCOMPLETE = "SOP class, SOP instance or transfer syntax missing"
Syntaxes = tuple[str, str]
"""A SOP class and the transfer syntax it comes in: what needs a presentation context."""


class UnreadableError(OSError):
    """A file that was being sent cannot be read on: no fault of the peer, nor of any other file."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A file that can be sent."""

    path: Path
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    offset: int = 0
    """Where its data set begins."""

    @property
    def syntaxes(self) -> Syntaxes:
        """What it needs a presentation context for."""
        return self.sop_class_uid, self.transfer_syntax_uid


@dataclass(frozen=True, slots=True)
class NotSendable:
    """A file that cannot be sent."""

    path: Path
    reason: str
    sop_instance_uid: str = ""


def files_in(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield *paths* in order, each folder replaced by all files below it, sorted."""
    for path in paths:
        if path.is_dir():
            yield from (each for each in sorted(path.rglob("*")) if each.is_file())
        else:
            yield path


def read_instance(path: Path) -> Instance | NotSendable:
    """Return what *path* holds, or why it cannot be sent.

    The data set says which instance it is: File Meta Information that was copied from another file is wrong about it,
    and a receiver that compares refuses what is called otherwise than it is (PS3.4 table B.2-1: A900).
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydicom warns about odd values and quotes them
            meta, offset = split_dataset(path)
            syntax, kind = _uid(meta, "TransferSyntaxUID"), _uid(meta, "MediaStorageSOPClassUID")
            if kind == MEDIA_STORAGE_DIRECTORY:
                return NotSendable(path, DIRECTORY)
            named = _names(path, syntax, offset) if syntax else Dataset()
            sop_class = _uid(named, "SOPClassUID") or kind
            uid = _uid(named, "SOPInstanceUID") or _uid(meta, "MediaStorageSOPInstanceUID")
    except OSError:
        return NotSendable(path, UNREADABLE)
    except Exception:  # noqa: BLE001  pydicom promises no single error for octets that make no sense
        return NotSendable(path, NOT_PART_10)
    if not (sop_class and uid and syntax):
        return NotSendable(path, INCOMPLETE, uid)
    return Instance(path, sop_class, uid, syntax, offset)


def _names(path: Path, syntax: str, offset: int) -> Dataset:
    """Return the data set as far as the SOP Instance UID; it is sorted by tag (PS3.5 7.1)."""
    with path.open("rb") as file:
        if syntax != DeflatedExplicitVRLittleEndian:
            return read_partial(file, stop_when=_is_behind_the_names)
        # pydicom would inflate all of it, which may be a thousand times the file
        file.seek(offset)
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        beginning = BytesIO(inflater.decompress(file.read(MOST_BEFORE_NAMES), MOST_BEFORE_NAMES))
        return read_dataset(beginning, is_implicit_VR=False, is_little_endian=True, stop_when=_is_behind_the_names)


def _is_behind_the_names(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    return int(tag) > SOP_INSTANCE_UID


def _uid(source: Dataset, keyword: str) -> str:
    text = str(source.get(keyword, "") or "").strip(" \0")
    return text if UID.fullmatch(text) else ""


def batches(instances: Iterable[Instance]) -> list[list[Instance]]:
    """Return *instances* in runs of at most 128 different presentation contexts."""
    runs: list[list[Instance]] = []
    kinds: set[Syntaxes] = set()
    for instance in instances:
        if not runs or (len(kinds) == MAX_CONTEXTS and instance.syntaxes not in kinds):
            runs.append([])
            kinds = set()
        runs[-1].append(instance)
        kinds.add(instance.syntaxes)
    return runs
