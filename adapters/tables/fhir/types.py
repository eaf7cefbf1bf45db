"""What FHIR's datatypes are in a table, in the manner of Google's ANALYTICS_V2.

A date may be a year or a month alone, so dates are STRING; an instant is a TIMESTAMP. A choice such as ``value[x]`` is
one RECORD with a field for each datatype: ``value.quantity``.
"""

import re
from collections.abc import Mapping
from typing import Any

from adapters.tables.columns import Type

TYPES: Mapping[str, Type] = {
    **dict.fromkeys(
        ("base64Binary", "canonical", "code", "date", "dateTime", "id", "markdown", "oid", "string"), "STRING"
    ),
    **dict.fromkeys(("time", "uri", "url", "uuid", "xhtml", "String"), "STRING"),
    **dict.fromkeys(("integer", "positiveInt", "unsignedInt"), "INTEGER"),
    "boolean": "BOOLEAN",
    "decimal": "FLOAT",
    "instant": "TIMESTAMP",
}
INSTANT = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)",
    re.ASCII,
)
REFERENCE = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]{1,64})?", re.ASCII)
NO_NAME = re.compile(r"[^A-Za-z0-9_]+")


class MisfitError(ValueError):
    """A value has another JSON type than its datatype."""


def primitive(kind: Type, value: Any) -> Any:
    """Return *value* as a column of this type has it; raises MisfitError."""
    is_right = {
        "STRING": isinstance(value, str),
        "INTEGER": isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63,
        "BOOLEAN": isinstance(value, bool),
        "FLOAT": isinstance(value, int | float) and not isinstance(value, bool),
        "TIMESTAMP": isinstance(value, str) and INSTANT.fullmatch(value) is not None,
    }[kind]
    if not is_right:
        raise MisfitError
    return value


def field_of(kind: str) -> str:
    """Return the field of a choice for a datatype: ``codeableConcept`` for CodeableConcept."""
    return kind[:1].lower() + kind[1:]


def extension_name(url: str) -> str:
    """Return the column of an extension: the last part of its URL."""
    tail = NO_NAME.sub("_", url.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1]).strip("_")
    return (tail if tail[:1].isalpha() else f"x_{tail}")[:128] if tail else ""


def target_of(reference: Any) -> tuple[str, str] | None:
    """Return the field for the ID of what a reference points to, and the ID: ``patientId`` of ``Patient/7``."""
    found = REFERENCE.fullmatch(reference) if isinstance(reference, str) else None
    return None if found is None else (f"{field_of(found[1])}Id", found[2])
