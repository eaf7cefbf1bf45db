"""Errors as OperationOutcomes."""

from gateway.sandbox.fhir.outcome import invalid, outcome


def test_place() -> None:
    """The error of an entry is the error with the place in Google's form."""
    error = invalid('unknown field "encounter"').within("entry[4].resource")
    assert outcome(error) == {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": "structure",
                "details": {"text": "unparseable_resource"},
                "diagnostics": 'error at "entry[4].resource": unknown field "encounter"',
            }
        ],
    }
