"""Counts and sizes."""

from gateway.sandbox.fhir.managing.metrics import metrics
from gateway.sandbox.fhir.session import Session
from tests.gateway.sandbox.fhir.fhir_client import patient


def test_deleted(session: Session) -> None:
    """A deleted resource does not count, its versions take room."""
    session.update(patient("p"), "p")
    session.delete("Patient", "p")
    (found,) = metrics(session)
    assert (found["count"], found["structuredStorageSizeBytes"]) == ("0", "0")
    assert int(found["versionedStorageSizeBytes"]) > 0
