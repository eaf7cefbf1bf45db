"""Writing and removing rows."""

from gateway.sandbox.fhir.search import index
from gateway.sandbox.fhir.session import Session
from tests.gateway.sandbox.fhir.fhir_client import patient


def test_numbers() -> None:
    """A parameter has one number for ever: databases keep it."""
    assert index.number_of(1, "Patient", "name") == 2938809970021275411
    assert index.number_of(1, "Patient", "name") != index.number_of(2, "Patient", "name")


def test_remove(session: Session) -> None:
    """No row is left of a resource that is removed."""
    held = session.create(patient(name=[{"family": "X"}], birthDate="1980", identifier=[{"value": "1"}]))
    index.remove(session.connection, held.rid)
    for table in index.TABLES:
        assert session.connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] == 0
