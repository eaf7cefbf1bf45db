"""A message becomes rows: of which table, with which columns."""

from dataclasses import dataclass
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import msgspec

from adapters.dicom.encoding import Malformed
from adapters.tables.columns import Column
from adapters.tables.dicom import rows as dicom
from adapters.tables.dicom.reading import Instance, read_object
from adapters.tables.dicom.streaming import read_passing
from adapters.tables.fhir import rows as fhir
from adapters.tables.hl7v2 import rows as hl7v2
from adapters.tables.hl7v2.segments import NoMessageError
from adapters.tables.manifest import Shape
from gateway.contract.body import Body, RangedBody
from gateway.contract.message import Message

MOST_WHOLE = 256 * 1024 * 1024
"""Octets of a message that is no instance."""


class RowSettings(Protocol):
    """The settings that say how a message becomes rows."""

    @property
    def table(self) -> str:
        """Name of the table; of FHIR the beginning of the names."""

    @property
    def columns(self) -> dicom.Form:
        """The columns of instances."""

    @property
    def timezone(self) -> str:
        """The zone of times that tell none."""

    @property
    def recursive_depth(self) -> int:
        """How often a datatype of FHIR may be within itself."""


class NotARowError(ValueError):
    """A message cannot be a row; the text says why, without payload."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows for one table."""

    table: str
    what: str
    """What the rows are, such as ``dicom/nested``: a table has rows of one sort."""
    shape: Shape
    rows: tuple[dict[str, Any], ...]
    columns: tuple[Column, ...] = ()


async def rows_of(message: Message, settings: RowSettings, now: str) -> list[Rows]:
    """Return the rows of *message*; raises NotARowError."""
    if "sop_class_uid" in message.facts or "sop_instance_uid" in message.identifiers:
        return [await _instance(message, settings, now)]
    octets = b"".join([bytes(each) async for each in message.body.chunks()])
    if len(octets) > MOST_WHOLE:
        raise NotARowError("the message has more than 256 MiB")
    if "resource_type" in message.facts or message.interaction is not None or octets.lstrip()[:1] == b"{":
        return _resources(message, octets, settings, now)
    return [_message(message, octets, settings, now)]


async def _instance(message: Message, settings: RowSettings, now: str) -> Rows:
    try:
        instance, size = await _header(message.body)
        made = dicom.row_of(instance.data_set, settings.columns, dicom.About(now, size=size))
    except (Malformed, dicom.NoIdentityError) as error:
        raise NotARowError(f"the instance is no row of a table: {error}") from None
    return Rows(settings.table, f"dicom/{settings.columns}", dicom.SHAPE, (made.row,), made.columns)


async def _header(body: Body) -> tuple[Instance, int | None]:
    """Return what the header tells, and the octets of the file; of an object in a bucket no more than that is read."""
    if isinstance(body, RangedBody):
        return await read_object(body.read, body.length), body.length
    return await read_passing(body.chunks())


def _message(message: Message, octets: bytes, settings: RowSettings, now: str) -> Rows:
    try:
        row = hl7v2.row_of(octets, now, charset=message.charset, zone=ZoneInfo(settings.timezone))
    except NoMessageError as error:
        raise NotARowError(str(error)) from None
    return Rows(settings.table, "hl7v2", hl7v2.SHAPE, (row,))


def _resources(message: Message, octets: bytes, settings: RowSettings, now: str) -> list[Rows]:
    asked = message.interaction
    if asked is not None and asked.method == "DELETE":
        return [_deletion(asked.url, settings, now)]
    if asked is not None and asked.method == "PATCH":
        raise NotARowError("a PATCH has no whole resource, which a row needs; send the resource by PUT")
    try:
        found = msgspec.json.decode(octets)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NotARowError("the resource is no JSON") from None
    if not isinstance(found, dict):
        raise NotARowError("the resource is no JSON object")
    if found.get("resourceType") == "Bundle" and found.get("type") in {"transaction", "batch"}:
        return [
            _deletion(key or "", settings, now) if resource is None else _resource(resource, key, settings, now)
            for _, key, resource in fhir.entries(found)
        ]
    return [_resource(found, None, settings, now)]


def _resource(resource: Any, key: str | None, settings: RowSettings, now: str) -> Rows:
    try:
        made = fhir.row_of(resource, now, depth=settings.recursive_depth, known_as=key)
    except fhir.NoRowError as error:
        raise NotARowError(str(error)) from None
    return Rows(f"{settings.table}_{resource['resourceType']}", "fhir", fhir.SHAPE, (made.row,), made.columns)


def _deletion(url: str, settings: RowSettings, now: str) -> Rows:
    kind, _, key = url.partition("/")
    if not key or "?" in url:
        raise NotARowError("a deletion by a condition does not say which resource it deletes")
    return Rows(f"{settings.table}_{kind}", "fhir", fhir.SHAPE, (fhir.deletion_of(key, now),))
