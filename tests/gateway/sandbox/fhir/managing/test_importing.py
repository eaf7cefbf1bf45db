"""Importing files."""

from pathlib import Path

from gateway.sandbox.fhir.managing.importing import import_resources
from gateway.sandbox.fhir.session import Session
from tests.gateway.sandbox.fhir.fhir_client import patient


def test_no_versions(session: Session, tmp_path: Path) -> None:
    """An imported resource replaces the one that is there, without an earlier version and without a notification."""
    session.update(patient("p", active=True), "p")
    session.changes.clear()
    (tmp_path / "a").write_text('{\n "resourceType": "Patient",\n "id": "p"\n}')
    done = import_resources(session, [tmp_path / "a"], "RESOURCE_PRETTY")
    held = session.read("Patient", "p")
    assert (done.success, session.changes, session.versions(held)) == (1, [], [held])
