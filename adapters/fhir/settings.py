"""Settings of the step ``hl7v2_to_fhir``."""

import csv
from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from adapters.fhir.context import CodeMaps, LocalRows, Options
from adapters.fhir.local import local_row
from adapters.fhir.systems import Systems, is_absolute
from adapters.fhir.tables import Code, Row
from gateway.contract.settings import File, Settings

COLUMNS = ["sender", "system", "code", "target_system", "target_code", "target_display"]
FIELD_COLUMNS = ["sender", "field", "element", "datatype", "argument"]
MOST_OCTETS = 16 * 1024 * 1024


def zone_of(name: str) -> tzinfo:
    """Return the time zone *name*; raises ValueError with what to do."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise ValueError(f"{name!r} is no time zone; name one of the IANA database, such as Europe/Berlin") from None


def _is_zone(name: str) -> str:
    zone_of(name)
    return name


def _is_system(uri: str) -> str:
    if not is_absolute(uri):
        raise ValueError("is not absolute; write https://…, urn:oid:… or urn:uuid:…")
    return uri


class Hl7v2ToFhirSettings(Settings):
    """A step that converts HL7v2 messages to FHIR R4."""

    kind: Literal["hl7v2_to_fhir"]
    """Makes a FHIR R4 transaction of an ADT, ORU^R01, order (ORM, OMG, OML, OMI), MDM, SIU, VXU, pharmacy (RDE, RDS,
    RAS), DFT or BAR message."""
    timezone: Annotated[str, AfterValidator(_is_zone)] | None = None
    """Time zone (IANA) of times that have none, if `MSH-7` has none either, or has the offset of this zone; another
    offset in `MSH-7` counts for the whole message. Without it a time without a zone becomes a date, because FHIR has no
    time without a zone."""
    systems: dict[str, Annotated[str, AfterValidator(_is_system)]] = {}  # noqa: RUF012  pydantic copies it
    """Names of assigning authorities and coding systems as the senders write them, each with its absolute URI. Codes
    and identifiers of other names have no `system`."""
    code_maps: tuple[File, ...] = ()
    """CSV files in UTF-8 with the counterparts of local codes. The first line is
    `sender,system,code,target_system,target_code,target_display`; an empty sender stands for all, otherwise it is
    `MSH-3`. They are read at the start."""
    field_maps: tuple[File, ...] = ()
    """CSV files in UTF-8 that map fields of Z-segments, and others that the step does not carry, to the patient or to
    the visit. The first line is `sender,field,element,datatype,argument`, another one
    `,ZPD-3,Patient.extension(https://hospital.example/fhir/ward),CWE,`; an empty sender stands for all, otherwise it
    is `MSH-3`. They are read at the start."""
    identifier_types: tuple[str, ...] = ("MR", "PI", "PT", "PN")
    """Types (`CX.5`) of identifiers by which a patient is found again; the first one that `PID-3` has is used, then one
    without a type. All messages about a patient must lead to the same identifier."""
    account_is_visit: bool = False
    """Whether the account number, `PID-18`, identifies the visit where `PV1-19` is empty."""
    keep_source: bool = False
    """Whether the whole message is added as a `DocumentReference`."""


def options_of(settings: Hl7v2ToFhirSettings) -> Options:
    """Return what *settings* say, with their files read; raises ValueError, which repeats no value of a file."""
    maps: dict[tuple[str, str, str], Code] = {}
    for path in settings.code_maps:
        maps |= read_code_map(path)
    local: dict[tuple[str, str], tuple[tuple[str, Row], ...]] = {}
    for path in settings.field_maps:
        for key, more in read_field_map(path).items():
            local[key] = (*local.get(key, ()), *more)
    return Options(
        zone=zone_of(settings.timezone) if settings.timezone else None,
        systems=Systems(settings.systems),
        code_maps=maps,
        identifier_types=settings.identifier_types,
        account_is_visit=settings.account_is_visit,
        keep_source=settings.keep_source,
        local_rows=local,
    )


def read_code_map(path: Path) -> CodeMaps:
    """Return the counterparts in a CSV file; raises ValueError with the line and what to do."""
    found: dict[tuple[str, str, str], Code] = {}
    for number, row in _rows(path, COLUMNS):
        if not row[2] or not row[4] or not is_absolute(row[3]):
            raise ValueError(f"{path} line {number} needs six columns, two codes and an absolute target_system")
        sender, system, code, *target = row
        found[sender, system, code] = Code(target[1], target[0], target[2])
    return found


def read_field_map(path: Path) -> LocalRows:
    """Return the rows in a CSV file; raises ValueError with the line and what to do."""
    found: dict[tuple[str, str], tuple[tuple[str, Row], ...]] = {}
    for number, (sender, *row) in _rows(path, FIELD_COLUMNS):
        try:
            segment, resource, made = local_row(*row)
        except ValueError as error:
            raise ValueError(f"{path} line {number} {error}") from None
        found[sender, segment] = (*found.get((sender, segment), ()), (resource, made))
    return found


def _rows(path: Path, columns: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield number and columns of each line after the first one; raises ValueError with what to do."""
    rows = csv.reader(_text(path).splitlines(), strict=True)
    try:
        if next(rows, []) != columns:
            raise ValueError(f"{path} line 1 must be {','.join(columns)}")
        for number, row in enumerate(rows, 2):
            if row and len(row) != len(columns):
                raise ValueError(f"{path} line {number} needs {len(columns)} columns")
            if row:
                yield number, row
    except csv.Error as error:
        raise ValueError(f"{path} is not CSV ({error}); correct its quotation marks") from None


def _text(path: Path) -> str:
    try:
        if not path.is_file() or path.stat().st_size > MOST_OCTETS:
            raise ValueError(f"{path} is no file, or larger than 16 MiB; name a CSV file")
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}; name a readable CSV file") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8; save it as UTF-8") from None
