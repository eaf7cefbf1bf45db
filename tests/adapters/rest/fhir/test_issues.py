"""What may be repeated of an OperationOutcome."""

import json
from typing import Any

import pytest

from adapters.rest.fhir.issues import NOTHING, is_path, read_outcome

KINDS = frozenset({"Patient", "Observation", "Doe"})
"""Types that were sent; a sender may write what it likes."""


def outcome(**issue: Any) -> bytes:
    """Return an OperationOutcome with one error."""
    return json.dumps({"resourceType": "OperationOutcome", "issue": [{"severity": "error", **issue}]}).encode()


SAID = {
    "Google's": (
        outcome(
            code="structure",
            details={"text": "unparseable_resource"},
            diagnostics='error at "entry[4].resource": unknown field "encounter"',
        ),
        "structure at entry[4].resource (error at ...)",
    ),
    "HAPI's": (
        outcome(
            code="processing",
            diagnostics='HAPI-1821: [element="birthDate"] Invalid value "Smith": Invalid date format: "Smith"',
            location=["Bundle.entry[0].resource.ofType(Patient).birthDate", "Line[1] Col[20]"],
        ),
        "processing at Bundle.entry[0].resource.ofType(Patient).birthDate (... Invalid ...)",
    ),
    "Medplum's": (outcome(code="invariant", expression=["Patient.contact[0]"]), "invariant at Patient.contact[0]"),
    "without a path": (outcome(code="required", diagnostics="Smith is missing"), "required"),
    "a value as a code": (outcome(code="Smith", expression=["Patient.name"]), "at Patient.name"),
}


@pytest.mark.parametrize(("body", "expected"), SAID.values(), ids=SAID)
def test_said(body: bytes, expected: str) -> None:
    """Codes, paths and known words are repeated, and no value."""
    words = read_outcome(body, KINDS).words
    assert "Smith" not in words
    assert expected.partition(" (")[0] == words.partition(" (")[0]


PATHS = {
    "Patient.name": True,
    "Patient.name[0].given[1]": True,
    "Observation.value[x]": True,
    "Bundle.entry[3].resource.ofType(Observation).status": True,
    "entry[4].resource": True,
    "entry[12]": True,
    "Patient": False,
    "Smith.john": False,
    "Doe.john": False,
    "Doe[1]": False,
    "Bundle.entry[0].resource.ofType(Doe)": False,
    "Observation.value.ofType(Quantity).unit": True,
    "Patient.Smith": False,
    "Patient.name.where(family='Smith')": False,
    "Patient.name[Smith]": False,
    "Patient[Smith].name": False,
    "Encounter.status": False,
    "anna.smith@example.org": False,
    "Patient." + "a" * 200: False,
}


@pytest.mark.parametrize(("text", "expected"), PATHS.items())
def test_path(text: str, expected: bool) -> None:
    """A path begins with a type that was sent and has names of elements only."""
    assert expected is is_path(text, KINDS)


TRANSIENT = [
    ([("error", "throttled")], True),
    ([("error", "lock-error")], True),
    ([("error", "structure")], False),
    ([("error", "transient"), ("error", "invalid")], False),
    ([("error", "transient"), ("warning", "invalid")], True),
    ([], False),
]


@pytest.mark.parametrize(("issues", "expected"), TRANSIENT)
def test_transient(issues: list[tuple[str, str]], expected: bool) -> None:
    """Time mends it if the type of each error says so."""
    listed = [{"severity": severity, "code": code} for severity, code in issues]
    body = json.dumps({"resourceType": "OperationOutcome", "issue": listed}).encode()
    assert expected is read_outcome(body, KINDS).is_transient


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"<html>", b'{"resourceType":"Patient"}', b'{"error":{"code":404}}', b"\xff", b"[" * 100_000],
)
def test_no_outcome(body: bytes) -> None:
    """What is no OperationOutcome says nothing."""
    assert NOTHING == read_outcome(body, KINDS)


@pytest.mark.parametrize("issue", [1, [1], [{}], [{"details": 1, "diagnostics": 2, "expression": 3, "code": 4}]])
def test_odd_issues(issue: Any) -> None:
    """Issues of another form are no error."""
    body = json.dumps({"resourceType": "OperationOutcome", "issue": issue}).encode()
    assert ("", True) == (read_outcome(body, KINDS).words, read_outcome(body, KINDS).is_outcome)
