"""What holds for every resource in JSON."""

from typing import Any

import pytest

from gateway.sandbox.fhir.outcome import FhirError
from gateway.sandbox.fhir.shape import check_resource

BAD: dict[str, tuple[Any, str]] = {
    "no object": ([], "object"),
    "no type": ({}, "resourceType"),
    "unknown type": ({"resourceType": "Spam"}, "resourceType"),
    "other type": ({"resourceType": "Group"}, "expected Patient"),
    "bad id": ({"resourceType": "Patient", "id": "a b"}, "Patient.id"),
    "long id": ({"resourceType": "Patient", "id": "a" * 65}, "Patient.id"),
    "meta": ({"resourceType": "Patient", "meta": []}, "Patient.meta"),
    "empty string": ({"resourceType": "Patient", "language": ""}, "Patient.language"),
    "null": ({"resourceType": "Patient", "language": None}, "Patient.language"),
    "only nulls": ({"resourceType": "Patient", "name": [None]}, "Patient.name"),
    "list in a list": ({"resourceType": "Patient", "name": [[1]]}, r"Patient.name\[0\]"),
    "payload as a name": ({"resourceType": "Patient", "DOE^JANE": ""}, r"Patient.\(unknown\)"),
}


@pytest.mark.parametrize(("resource", "place"), BAD.values(), ids=BAD)
def test_refused(resource: Any, place: str) -> None:
    """The error names the place."""
    with pytest.raises(FhirError, match=place):
        check_resource(resource, "Patient")


def test_null_holds_a_place() -> None:
    """A null in a list stands for a primitive that has its extension in the list beside it."""
    names = [{"given": ["A", None], "_given": [None, {"id": "x"}]}]
    assert check_resource({"resourceType": "Patient", "name": names})


def test_depth() -> None:
    """Nesting has a limit."""
    deep: Any = "x"
    for _ in range(200):
        deep = {"extension": deep}
    with pytest.raises(FhirError, match="nested"):
        check_resource({"resourceType": "Patient", "extension": deep})
