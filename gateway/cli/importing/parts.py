"""The messages in an object: which format it is shows in its first octets, not in its name.

An object is one DICOM instance; or HL7v2 messages as files hold them; or lines of JSON, each an HL7v2 message as Google
exports it (``{"data": base64, "labels": {}}``), a FHIR resource or a bundle; or one FHIR resource or bundle; or any of
these packed with gzip, or in a zip file. Each message is a *part*; one that cannot be read is a part with the reason.
"""

import json
import tempfile
from base64 import b64decode
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args
from zipfile import ZipFile

import msgspec

from gateway.cli.importing.lines import lines_of
from gateway.cli.importing.sources import (
    HEAD,
    Member,
    NotReadError,
    RangedSource,
    RangedSourceBody,
    Source,
    SourceBody,
    Unzipped,
    head_of,
    of_zip,
    spooled,
    whole_of,
)
from gateway.contract.body import WholeBody
from gateway.contract.kind import Format
from gateway.contract.message import Message
from gateway.kinds import KINDS

MOST_TEXT = 64 * 1024 * 1024
"""Largest file of HL7v2, and largest resource or bundle that is no line."""
MOST_DEPTH = 3
"""Files packed within each other: a zip file with .gz members has two."""
GZIP, ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")
HL7V2 = (b"MSH", b"FHS", b"BHS")
BEFORE = b"\x0b\r\n\t \xef\xbb\xbf"
"""What may stand before the first segment or brace: MLLP's start, line ends, a byte order mark."""
Structure = Literal["BUNDLE", "RESOURCE", "BUNDLE_PRETTY", "RESOURCE_PRETTY"]
"""Google's content structures of FHIR: a bundle or a resource on each line, or one in the whole file."""
STRUCTURES: tuple[Structure, ...] = get_args(Structure)
UNKNOWN = "it is no DICOM, no HL7v2 and no FHIR in JSON"
Labels = tuple[tuple[str, str], ...]
EXECUTED = frozenset({"transaction", "batch"})


@dataclass(frozen=True, slots=True)
class Part:
    """One message of an object, or why it is none."""

    name: str
    """Which one: the path in a zip file, the number of the line or message; empty for an object that is one message."""
    message: Message | None
    format: Format | None = None
    reason: str = ""
    is_skipped: bool = False
    """Whether there is nothing to send in it."""
    body: SourceBody | None = None
    """The body of a message that is read from the object while it is sent."""


class _Bundle(msgspec.Struct):
    class Entry(msgspec.Struct):
        resource: msgspec.Raw = msgspec.Raw(b"")

    type: str = ""
    entry: list[Entry] = msgspec.field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Packed:
    """What an object was packed in so far."""

    kept: ExitStack
    depth: int = 0

    @property
    def deeper(self) -> "_Packed":
        """What is packed in it once more."""
        return _Packed(self.kept, self.depth + 1)


class Reader:
    """Reads the parts of objects. Zip files are written to *scratch* until the caller is done with their parts."""

    def __init__(self, scratch: Path, structure: Structure | None = None) -> None:
        self._scratch, self._structure = scratch, structure

    def parts(self, source: Source, key: str, kept: ExitStack) -> AsyncIterator[Part]:
        """Yield the parts of an object; raises ObjectError where the bucket fails.

        *kept* holds what they are read from: the caller closes it when all of them are sent.
        """
        return self._parts(source, key, "", _Packed(kept))

    async def _parts(self, source: Source, key: str, name: str, packed: "_Packed") -> AsyncIterator[Part]:
        try:
            head = await head_of(source, HEAD)
            if head.startswith((GZIP, *ZIP)) and packed.depth == MOST_DEPTH:
                raise NotReadError(f"it is packed more than {MOST_DEPTH} times")
            if head.startswith(GZIP):
                inner = self._parts(Unzipped(source), key.removesuffix(".gz"), name, packed.deeper)
            elif head.startswith(ZIP):
                inner = self._members(source, name, packed.deeper)
            elif (instance := _instance(source, head, name)) is not None:
                yield instance
                return
            else:
                inner = self._texts(source, head, key, name)
            async for part in inner:
                yield part
        except NotReadError as error:
            yield Part(name, None, reason=str(error))

    async def _members(self, source: Source, name: str, packed: "_Packed") -> AsyncIterator[Part]:
        path = await self._unpacked(source, packed.kept)
        try:
            with ZipFile(path) as archive:
                members = [each for each in archive.infolist() if not each.is_dir()]
        except Exception as error:  # noqa: BLE001  of a damaged file zipfile raises anything
            raise of_zip(error, "the zip file is damaged") from None
        for each in members:
            inside = f"{name}!{each.filename}" if name else each.filename
            member = Member(path, each.filename, each.file_size)
            async for part in self._parts(member, each.filename, inside, packed):
                yield part

    async def _unpacked(self, source: Source, kept: ExitStack) -> Path:
        """Write a zip file to the disk, because it is read from its end."""
        try:
            made = tempfile.NamedTemporaryFile(dir=self._scratch, prefix="zip-")  # noqa: SIM115  *kept* closes it
            file = kept.enter_context(made)
            await spooled(source, file)
        except OSError as error:
            raise of_zip(error, "the zip file cannot be written") from None
        return Path(file.name)

    async def _texts(self, source: Source, head: bytes, key: str, name: str) -> AsyncIterator[Part]:
        text = head.lstrip(BEFORE)
        if not text:
            yield Part(name, None, reason="it is empty")
        elif text.startswith(HL7V2):
            for part in _named(name, [*_hl7v2(await whole_of(source, MOST_TEXT))]):
                yield part
        elif not text.startswith(b"{"):
            yield Part(name, None, reason=UNKNOWN)
        elif self._is_in_lines(text, key):
            number = 0
            async for line in lines_of(source):
                number += 1
                if line is None or line.strip(BEFORE):
                    place = f"{name}:{number}" if name else f"{number}"
                    for part in self._json(line, place):
                        yield part
        else:
            for part in self._json((await whole_of(source, MOST_TEXT)).strip(BEFORE), name):
                yield part

    def _is_in_lines(self, text: bytes, key: str) -> bool:
        if self._structure is not None:
            return not self._structure.endswith("_PRETTY")
        if key.lower().endswith((".ndjson", ".jsonl")):
            return True
        first, end, _ = text.partition(b"\n")
        try:  # one long line is a file of one line; a file for people begins with a line that is no JSON
            return not end or isinstance(json.loads(first), dict)
        except (ValueError, RecursionError):
            return False

    def _json(self, data: bytes | None, name: str) -> Iterator[Part]:
        """Yield the parts of one JSON object."""
        if data is None:
            yield Part(name, None, reason="the line is too long")
        elif (found := _exported(data)) is not None:
            message, labels = found
            if labels is None:
                yield Part(name, None, reason="HL7v2: the labels do not map texts to texts")
            else:
                yield from _named(name, [*_hl7v2(message, labels)])
        else:
            part = _resource(data.strip(BEFORE), name)
            facts = {} if part.message is None else part.message.facts
            is_collection = facts.get("resource_type") == "Bundle" and facts.get("interaction") not in EXECUTED
            if is_collection and not (self._structure or "").startswith("RESOURCE"):
                yield from _entries(data, name)
            else:
                yield part


def _instance(source: Source, head: bytes, name: str) -> Part | None:
    try:
        found = KINDS.listeners["dimse"].recognise(head)
    except ValueError as error:
        return Part(name, None, reason=f"DICOM: {error}")
    if found is None:
        return None
    if found.is_index:
        return Part(name, None, reason="it is a DICOMDIR, which only lists other files", is_skipped=True)
    body = (
        RangedSourceBody(source, found.missing)
        if isinstance(source, RangedSource)
        else SourceBody(source, found.missing)
    )
    return Part(name, Message("", body, found.facts, found.identifiers, queued=True), "dicom", body=body)


def _exported(line: bytes) -> tuple[bytes, Labels | None] | None:
    """Return the message of a line as Google exports HL7v2 messages, and its labels; None if it is none.

    The labels are None if they are no labels.
    """
    if b'"data"' not in line:
        return None
    try:
        found = json.loads(line)
        if "resourceType" in found:
            return None
        labels = found.get("labels") or {}
        octets = b64decode(found["data"], validate=True)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    if not isinstance(labels, dict) or not all(isinstance(each, str) for each in labels.values()):
        return octets, None
    return octets, tuple(labels.items())


def _hl7v2(data: bytes, labels: Labels = ()) -> Iterator[Part]:
    read_file = KINDS.listeners["mllp"].read_file
    assert read_file is not None  # noqa: S101  this kind reads files
    try:
        for message in read_file(data, "import"):
            yield Part("", replace(message, queued=True, labels=labels), "hl7v2")
    except ValueError as error:
        yield Part("", None, reason=f"HL7v2: {error}")


def _named(name: str, parts: list[Part]) -> Iterator[Part]:
    """Yield *parts* by their numbers, if there are several."""
    if len(parts) == 1:
        yield replace(parts[0], name=name)
        return
    for number, part in enumerate(parts, 1):
        yield replace(part, name=f"{name}#{number}" if name else f"#{number}")


def _resource(data: bytes, name: str) -> Part:
    read_file = KINDS.listeners["http"].read_file
    assert read_file is not None  # noqa: S101  likewise
    try:
        (message,) = read_file(data, "import")
    except ValueError as error:
        return Part(name, None, reason=f"FHIR: {error}")
    return Part(name, replace(message, queued=True, interaction=None), "fhir")


def _entries(data: bytes, name: str) -> Iterator[Part]:
    """Yield the resources of a bundle that only collects them."""
    try:
        bundle = msgspec.json.decode(data, type=_Bundle)
    except (msgspec.MsgspecError, RecursionError):
        yield Part(name, None, reason="FHIR: the entries of the bundle are no list of resources")
        return
    resources = [bytes(each.resource) for each in bundle.entry if bytes(each.resource)]
    if not resources:
        yield Part(name, None, reason="the bundle has no resource", is_skipped=True)
    yield from _named(name, [_resource(each, "") for each in resources])


def size_of(message: Message) -> int:
    """Return the octets of a message, 0 if they are not known."""
    return len(message.body.data) if isinstance(message.body, WholeBody) else message.body.length or 0
