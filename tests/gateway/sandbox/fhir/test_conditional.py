"""The one condition that Google's API takes."""

import pytest

from gateway.sandbox.fhir.conditional import identifier_of, match
from gateway.sandbox.fhir.outcome import FhirError
from gateway.sandbox.fhir.session import Session
from tests.gateway.sandbox.fhir.fhir_client import patient

QUERIES = {"identifier=a": "a", "identifier=urn%3Ax%7C7&alt=json": "urn:x|7"}
REFUSED = {"name=x": 501, "identifier=a&identifier=b": 501, "": 501, "identifier=": 400, "identifier=a,b": 400}


@pytest.mark.parametrize(("query", "value"), QUERIES.items())
def test_identifier(query: str, value: str) -> None:
    """The value is decoded, and parameters of the API do not count."""
    assert value == identifier_of(query)


@pytest.mark.parametrize(("query", "status"), REFUSED.items())
def test_refused(query: str, status: int) -> None:
    """Everything else is refused."""
    with pytest.raises(FhirError) as raised:
        identifier_of(query)
    assert status == raised.value.status


def test_match(session: Session) -> None:
    """A deleted resource does not match."""
    held = session.update(patient("p", identifier=[{"value": "7"}]), "p")
    assert held == match(session, "Patient", "identifier=7")
    session.delete("Patient", "p")
    assert match(session, "Patient", "identifier=7") is None
