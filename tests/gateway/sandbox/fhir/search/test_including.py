"""Included resources."""

from gateway.sandbox.fhir.search.including import included
from gateway.sandbox.fhir.session import Session
from tests.gateway.sandbox.fhir.fhir_client import patient


def test_circle(session: Session) -> None:
    """Resources that point to each other end an iteration, each of them once."""
    session.update(patient("p", link=[{"other": {"reference": "Patient/q"}}]), "p")
    session.update(patient("q", link=[{"other": {"reference": "Patient/p"}}]), "q")
    match = session.read("Patient", "p")
    found = included(session, [("_include:iterate", "Patient:link"), ("_revinclude:iterate", "Patient:link")], [match])
    assert [each.id for each in found] == ["q"]
