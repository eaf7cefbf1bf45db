"""Fields that the settings map: those of Z-segments, and others for which the tables of the step have no row."""

import re
from collections.abc import Iterable, Mapping

from adapters.fhir.bundle import Resource
from adapters.fhir.context import Context
from adapters.fhir.functions import FUNCTIONS
from adapters.fhir.reading import Segment
from adapters.fhir.rows import carry
from adapters.fhir.systems import is_absolute
from adapters.fhir.tables import Row, Step, rows, table_names

RESOURCES = ("Patient", "Encounter")
"""Resources of which a message has one for each PID."""
EXTENSION_TYPES = {
    "BOOL": "Boolean",
    "CQ": "Quantity",
    "CWE": "CodeableConcept",
    "CX": "Identifier",
    "DATE": "Date",
    "DTM": "DateTime",
    "EI": "Identifier",
    "INTEGER": "Integer",
    "ST": "String",
    "XAD": "Address",
    "XPN": "HumanName",
}
"""The type of the value of an extension for each datatype that may be in one."""
_FIELD = re.compile(r"([A-Z][A-Z0-9]{2})-([1-9][0-9]{0,2})\Z", re.ASCII)
_EXTENSION = re.compile(r"extension\((.+)\)\Z")
_HINT = "write Patient.extension(https://…), or an element that a table of the step fills, such as Patient.identifier[]"


def local_row(field: str, element: str, datatype: str, argument: str) -> tuple[str, str, Row]:
    """Return segment, resource and row; raises ValueError with what to do, without the values."""
    found = _FIELD.match(field)
    if found is None:
        raise ValueError("needs a field such as ZPD-3")
    resource, _, rest = element.partition(".")
    if resource not in RESOURCES:
        raise ValueError(f"needs an element of one of {', '.join(RESOURCES)}; {_HINT}")
    if argument and datatype in {"CWE", "CODE"} and argument not in table_names("codes"):
        raise ValueError("names a table of codes that the step does not have; leave the argument empty")
    extension = _EXTENSION.match(rest)
    row = _extended if extension else _shipped
    return found[1], resource, row(int(found[2]), resource, extension[1] if extension else rest, datatype, argument)


def _extended(number: int, _: str, url: str, datatype: str, argument: str) -> Row:
    if not is_absolute(url):
        raise ValueError("needs an absolute URL of the extension, such as https://hospital.example/fhir/ward")
    if datatype not in EXTENSION_TYPES:
        raise ValueError(f"needs a datatype of {', '.join(EXTENSION_TYPES)} for an extension")
    steps = (Step("extension", extension=url), Step(f"value{EXTENSION_TYPES[datatype]}"))
    element = f"extension({url})"
    return Row(number, element, steps, element, datatype, argument)


def _shipped(number: int, resource: str, element: str, datatype: str, argument: str) -> Row:
    """Return a row for an element that a row of the step fills from the same datatype: so the bundle stays valid."""
    tables = [each for each in table_names("rows") if each.endswith(f"-{resource}")]
    for row in (row for table in tables for row in rows(table)):
        if (row.element, row.datatype) == (element, datatype) and datatype in FUNCTIONS:
            return Row(number, element, row.steps, row.owned, datatype, argument or row.argument)
    raise ValueError(f"names an element or datatype that no table of the step has; {_HINT}")


def carry_local(segments: Iterable[Segment], resources: Mapping[str, Resource | None], context: Context) -> None:
    """Carry the fields that the settings map for this sender, or for all."""
    local = context.options.local_rows
    if not local:
        return
    for segment in segments:
        for sender in dict.fromkeys((context.sender[0], "")):
            for name, row in local.get((sender, segment.name), ()):
                resource = resources.get(name)
                if resource is not None and (raw := segment.peek(row.number)):
                    segment.read.add(row.number)
                    carry(row, segment, raw, resource, context)
