"""Errors as the FHIR store answers them: one OperationOutcome, in Google's shape."""

from typing import Any


class FhirError(Exception):
    """A request that fails; *diagnostics* has paths and names of elements, and no values."""

    def __init__(self, status: int, code: str, text: str, diagnostics: str) -> None:
        super().__init__(diagnostics)
        self.status = status
        self.code = code
        self.text = text
        self.diagnostics = diagnostics

    def within(self, place: str) -> "FhirError":
        """Return the same error with the place in a bundle where it happened."""
        return FhirError(self.status, self.code, self.text, f'error at "{place}": {self.diagnostics}')


def outcome(error: FhirError) -> dict[str, Any]:
    """Return the OperationOutcome of an error."""
    issue = {
        "severity": "error",
        "code": error.code,
        "details": {"text": error.text},
        "diagnostics": error.diagnostics,
    }
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def invalid(diagnostics: str) -> FhirError:
    """Return the error of a resource that is not FHIR."""
    return FhirError(400, "structure", "unparseable_resource", diagnostics)


def bad_query(diagnostics: str) -> FhirError:
    """Return the error of search parameters that cannot be evaluated."""
    return FhirError(400, "invalid", "invalid_query", diagnostics)


def not_found(diagnostics: str = "resource not found") -> FhirError:
    """Return the error of a resource that does not exist."""
    return FhirError(404, "not-found", "resource_not_found", diagnostics)


def not_supported(diagnostics: str) -> FhirError:
    """Return the error of what Google's API does not support."""
    return FhirError(501, "not-supported", "unsupported_operation", diagnostics)


def conflict(diagnostics: str) -> FhirError:
    """Return the error of a write that would break a reference."""
    return FhirError(409, "conflict", "conflict", diagnostics)


def failed_precondition(diagnostics: str) -> FhirError:
    """Return the error of a condition that does not hold."""
    return FhirError(412, "conflict", "failed_precondition", diagnostics)
