"""Reads the messages of a unit: which format it is shows in its first octets, not in its name."""

import gzip
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, cast

from gateway.cli.deidentifying.units import IN_LINES, Unit
from gateway.contract.body import Buffer, WholeBody
from gateway.contract.message import Message
from gateway.kinds import KINDS

HEAD = 4096
MOST_TEXT = 256 * 1024 * 1024
"""Largest file of HL7v2 messages, and largest resource."""
PIECE = 1024 * 1024
HL7V2 = (b"MSH", b"FHS", b"BHS")
BEFORE = b"\x0b\r\n\t \xef\xbb\xbf"
"""What may stand before the first segment or the first brace: MLLP's start, line ends, a byte order mark."""
UNKNOWN = "it is no DICOM Part 10 file, no HL7v2 and no FHIR in JSON"
TOO_LARGE = f"it is larger than {MOST_TEXT // 2**20} MiB; cut it into several files, or write FHIR as NDJSON"
NOT_WHOLE = "the file is not whole, or no gzip file"


class NotReadError(Exception):
    """A file has no message that could be read. Its text has nothing of the file."""


class ReadFailedError(Exception):
    """A file cannot be read now: no mistake of its content. Its text is the system's reason."""


@dataclass(frozen=True, slots=True)
class FileBody:
    """A file that is read in pieces."""

    path: Path
    length: int

    @property
    def replayable(self) -> bool:
        """Always true: a file can be read again."""
        return True

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the octets."""
        with opened(self.path) as file:
            while piece := read(file, PIECE):
                yield piece


def format_of(unit: Unit) -> str:
    """Return ``dicom``, ``hl7v2``, ``fhir`` or ``lines`` (FHIR in NDJSON), or nothing."""
    with unpacked(unit.path) as file:
        head = read(file, HEAD)
    if head[128:132] == b"DICM" and not unit.path.name.endswith(".gz"):
        return "dicom"
    if unit.path.name.lower().removesuffix(".gz").endswith(IN_LINES):
        return "lines"
    text = head.lstrip(BEFORE)
    return "hl7v2" if text.startswith(HL7V2) else "fhir" if text.startswith(b"{") else ""


def instance_of(unit: Unit) -> Message:
    """Return the instance of a file, to be read in pieces."""
    return Message("1", FileBody(unit.path, unit.size), {"protocol": "dimse"}, {"sop_instance_uid": ""})


def texts_of(unit: Unit, form: str) -> Iterator[tuple[int, bytes | None]]:
    """Yield the lines, or the whole text, each with its number; None for one that is too large."""
    with unpacked(unit.path) as file:
        if form != "lines":
            whole = read(file, MOST_TEXT + 1)
            yield 1, whole if len(whole) <= MOST_TEXT else None
            return
        place = _begin_of_line(file, unit.start) if unit.start else 0
        number = 0
        while (unit.end is None or place < unit.end) and (line := read_line(file, MOST_TEXT + 2)):
            number += 1
            place += len(line)
            is_whole = len(line) <= MOST_TEXT + 1
            rest = line
            while not rest.endswith(b"\n") and (rest := read_line(file, PIECE)):
                place += len(rest)
            if not is_whole or line.strip():
                yield number, line.strip() if is_whole else None


def _begin_of_line(file: IO[bytes], start: int) -> int:
    """Go to the first line that begins at *start* or behind it, and return its place."""
    place = file.seek(start - 1)
    while line := read_line(file, PIECE):
        place += len(line)
        if line.endswith(b"\n"):
            break
    return place


def messages_of(data: bytes, form: str) -> Iterator[Message]:
    """Yield the messages of a text; raises NotReadError if there are none."""
    read_file = KINDS.listeners["mllp" if form == "hl7v2" else "http"].read_file
    assert read_file is not None  # noqa: S101  both kinds of listener read files
    text = data if form == "hl7v2" else data.strip(BEFORE)
    try:
        for message in read_file(text, "deidentify"):
            assert isinstance(message.body, WholeBody)  # noqa: S101  a message of a file is whole
            yield replace(message, interaction=None)
    except ValueError:
        raise NotReadError("it is no HL7v2" if form == "hl7v2" else "it is no FHIR resource in JSON") from None


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file; raises ReadFailedError."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise ReadFailedError(error.strerror) from None
    with file:
        yield file


@contextmanager
def unpacked(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that may be compressed."""
    with opened(path) as file:
        yield cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if path.name.endswith(".gz") else file


def read(file: IO[bytes], most: int) -> bytes:
    """Return the next octets; raises NotReadError or ReadFailedError."""
    return _surely(file.read, most)


def read_line(file: IO[bytes], most: int) -> bytes:
    """Return the next line, likewise."""
    return _surely(file.readline, most)


def _surely(take: Callable[[int], bytes], most: int) -> bytes:
    try:
        return take(most)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise NotReadError(NOT_WHOLE) from None
    except OSError as error:
        raise ReadFailedError(error.strerror or type(error).__name__) from None
