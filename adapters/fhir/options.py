"""What the settings of the step say for a conversion, with the CSV files that they name."""

import csv
from collections.abc import Iterator
from pathlib import Path

from adapters.fhir.context import CodeMaps, LocalRows, Options
from adapters.fhir.local import local_row
from adapters.fhir.settings import Hl7v2ToFhirSettings, zone_of
from adapters.fhir.systems import Systems, is_absolute
from adapters.fhir.tables import Code, Row

COLUMNS = ["sender", "system", "code", "target_system", "target_code", "target_display"]
FIELD_COLUMNS = ["sender", "field", "element", "datatype", "argument"]
MOST_OCTETS = 16 * 1024 * 1024


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
