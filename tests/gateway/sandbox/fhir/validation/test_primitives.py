"""Primitive datatypes."""

from decimal import Decimal
from typing import Any

import pytest

from gateway.sandbox.fhir.validation.primitives import PRIMITIVES

GOOD: list[tuple[str, Any]] = [
    ("boolean", False),
    ("integer", -5),
    ("unsignedInt", 0),
    ("positiveInt", 1),
    ("decimal", Decimal("4.10")),
    ("string", "a\n\tb"),
    ("code", "a b"),
    ("uri", "urn:x"),
    ("oid", "urn:oid:1.2.3"),
    ("uuid", "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"),
    ("base64Binary", "aGk="),
    ("date", "2024-02"),
    ("dateTime", "2024-02-29T10:00:00.5+01:00"),
    ("instant", "2024-02-29T10:00:00Z"),
    ("time", "10:00:00"),
]
BAD: list[tuple[str, Any]] = [
    ("boolean", 1),
    ("integer", True),
    ("integer", 1 << 31),
    ("unsignedInt", -1),
    ("positiveInt", 0),
    ("decimal", "4.10"),
    ("string", "a\x00"),
    ("code", " a"),
    ("code", "a  b"),
    ("uri", "a b"),
    ("oid", "1.2.3"),
    ("uuid", "urn:uuid:x"),
    ("base64Binary", "%"),
    ("date", "2024-02-29T10:00:00Z"),
    ("dateTime", "2024-02-29T10:00"),
    ("dateTime", "2023-02-29"),
    ("instant", "2024-02-29T10:00:00"),
    ("time", "24:00:00"),
]


@pytest.mark.parametrize(("kind", "value"), GOOD)
def test_good(kind: str, value: Any) -> None:
    """The value is one of the type."""
    assert PRIMITIVES[kind](value)


@pytest.mark.parametrize(("kind", "value"), BAD)
def test_bad(kind: str, value: Any) -> None:
    """The value is none of the type."""
    assert not PRIMITIVES[kind](value)
