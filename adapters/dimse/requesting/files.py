"""DICOM files to send: how they are found and identified, and how they are grouped into associations."""

import asyncio
import stat
import warnings
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, TypeVar

from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset, read_partial
from pydicom.tag import BaseTag
from pydicom.uid import DeflatedExplicitVRLittleEndian
from pynetdicom.dsutils import split_dataset

from adapters.dimse.protocol.proposing import Syntaxes
from gateway.contract.message import UID

T = TypeVar("T")

MAX_CONTEXTS = 128  # PS3.8 9.3.2.2: their IDs are the odd numbers below 256
MEDIA_STORAGE_DIRECTORY = "1.2.840.10008.1.3.10"
SOP_INSTANCE_UID = 0x00080018
MOST_BEFORE_NAMES = 64 * 1024
"""Octets of a deflated data set, before and after inflation, in which its SOP class and instance UIDs must be."""
UNREADABLE = "the file cannot be read"
FOLDER_UNREADABLE = "the folder cannot be read"
ABSENT = "no such file or folder"
NOT_PART_10 = "not a DICOM Part 10 file"
DAMAGED = "a DICOM Part 10 file that is damaged"
DIRECTORY = "not sent: a DICOMDIR is an index, not an instance"
INCOMPLETE = "SOP class, SOP instance or transfer syntax missing"
NO_FILE = "not sent: neither a file nor a folder"
LINKED_FOLDER = "not followed: a link to a folder"
LEFT_OUT = {NOT_PART_10, DIRECTORY, NO_FILE, LINKED_FOLDER}
"""Reasons that are no failure for files found in a folder; for a file named on the command line they are."""
PREFIX = slice(128, 132)  # PS3.10 7.1
AT_ONCE = 1 << 20
"""Octets of a file that are read at once."""


class UnreadableError(Exception):
    """A file cannot be read, or not to its end; the peer and the other files are not affected."""

    reason = UNREADABLE


@dataclass(frozen=True, slots=True)
class Instance:
    """A file that can be sent."""

    path: Path
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    offset: int = 0
    """Where the data set begins in the file."""

    @property
    def syntaxes(self) -> Syntaxes:
        """The SOP class and transfer syntax for which the file needs a presentation context."""
        return self.sop_class_uid, self.transfer_syntax_uid


@dataclass(frozen=True, slots=True)
class NotSendable:
    """A file that cannot be sent."""

    path: Path
    reason: str
    sop_instance_uid: str = ""


def files_in(paths: Iterable[Path]) -> Iterator[Path | NotSendable]:
    """Yield *paths* in order, each folder replaced by all that is below it, sorted; and what cannot be looked into.

    A link to a folder is followed only if it is named itself, because it may lead back to a folder above it.
    """
    for named in paths:
        left = [named]
        while left:
            path = left.pop()
            try:
                mode = path.stat().st_mode
            except OSError as error:
                yield _unreadable(path, UNREADABLE, error)
                continue
            if not stat.S_ISDIR(mode):
                yield path if stat.S_ISREG(mode) else NotSendable(path, NO_FILE)
            elif path is not named and path.is_symlink():
                yield NotSendable(path, LINKED_FOLDER)
            else:
                try:
                    left += sorted(path.iterdir(), reverse=True)
                except OSError as error:
                    yield _unreadable(path, FOLDER_UNREADABLE, error)


def _unreadable(path: Path, what: str, error: OSError) -> NotSendable:
    if isinstance(error, FileNotFoundError):
        return NotSendable(path, ABSENT)
    return NotSendable(path, f"{what}: {error.strerror.lower()}" if error.strerror else what)


def read_instance(path: Path) -> Instance | NotSendable:
    """Return what *path* holds, or why it cannot be sent.

    The UIDs come from the data set, because File Meta Information may have been copied from another file: a receiver
    that compares both refuses an instance whose UIDs differ (PS3.4 table B.2-1: A900).
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
    except OSError as error:
        return _unreadable(path, UNREADABLE, error)
    except Exception:  # noqa: BLE001  pydicom raises many types of exception for malformed data
        return NotSendable(path, DAMAGED if _has_prefix(path) else NOT_PART_10)
    if not (sop_class and uid and syntax):
        return NotSendable(path, INCOMPLETE, uid)
    return Instance(path, sop_class, uid, syntax, offset)


def _has_prefix(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(PREFIX.stop)[PREFIX] == b"DICM"
    except OSError:
        return False


def _names(path: Path, syntax: str, offset: int) -> Dataset:
    """Return the data set as far as the SOP Instance UID; it is sorted by tag (PS3.5 7.1)."""
    with path.open("rb") as file:
        if syntax != DeflatedExplicitVRLittleEndian:
            return read_partial(file, stop_when=_is_behind_the_names)
        # pydicom would inflate the whole data set, which may be a thousand times larger than the file
        file.seek(offset)
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        beginning = BytesIO(inflater.decompress(file.read(MOST_BEFORE_NAMES), MOST_BEFORE_NAMES))
        return read_dataset(beginning, is_implicit_VR=False, is_little_endian=True, stop_when=_is_behind_the_names)


def _is_behind_the_names(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    return int(tag) > SOP_INSTANCE_UID


def _uid(source: Dataset, keyword: str) -> str:
    text = str(source.get(keyword, "") or "").strip(" \0")
    return text if UID.fullmatch(text) else ""


async def open_data_set(instance: Instance) -> tuple[IO[bytes], AsyncIterator[bytes]]:
    """Return the open file, which the caller closes, and the octets of its data set in pieces.

    Raises UnreadableError; iterating over the pieces may raise it, too.
    """
    file, first = await _in_thread(lambda: _open(instance))
    return file, _pieces(file, first)


def _open(instance: Instance) -> tuple[IO[bytes], bytes]:
    """Return the open file and its first piece, in one call in a thread: most files have only one piece."""
    file = instance.path.open("rb")
    try:
        file.seek(instance.offset)
        return file, file.read(AT_ONCE)
    except BaseException:
        file.close()
        raise


async def _pieces(file: IO[bytes], octets: bytes) -> AsyncIterator[bytes]:
    while octets:
        yield octets
        octets = await _in_thread(lambda: file.read(AT_ONCE)) if len(octets) == AT_ONCE else b""


async def _in_thread(read: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(read)
    except OSError:
        raise UnreadableError from None


def batches(instances: Iterable[Instance]) -> list[list[Instance]]:
    """Return *instances* in batches that need at most 128 different presentation contexts each."""
    runs: list[list[Instance]] = []
    kinds: set[Syntaxes] = set()
    for instance in instances:
        if not runs or (len(kinds) == MAX_CONTEXTS and instance.syntaxes not in kinds):
            runs.append([])
            kinds = set()
        runs[-1].append(instance)
        kinds.add(instance.syntaxes)
    return runs
