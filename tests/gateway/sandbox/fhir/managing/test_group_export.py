"""What the export of a group holds."""

import pytest

from gateway.sandbox.fhir.managing.exporting import Chosen
from gateway.sandbox.fhir.managing.group_export import rows_of_group
from gateway.sandbox.fhir.outcome import FhirError
from gateway.sandbox.fhir.session import Session
from tests.gateway.sandbox.fhir.fhir_client import patient


def group(*members: str) -> dict[str, object]:
    """Return a group of resources."""
    entities = [{"entity": {"reference": member}} for member in members]
    return {"resourceType": "Group", "id": "g", "type": "person", "actual": True, "member": entities}


def test_members(session: Session) -> None:
    """Members that are not in the store are left out; those that are no patients are in the file of their type."""
    doctor = session.update({"resourceType": "Practitioner", "id": "d"}, "d")
    held = session.update(patient("p"), "p")
    made = session.update(group("Patient/p", "Practitioner/d", "Patient/none", "http://elsewhere/Patient/x"), "g")
    assert rows_of_group(session, "g", Chosen()) == {
        "Patient": [held.rid],
        "Group": [made.rid],
        "Practitioner": [doctor.rid],
    }
    assert rows_of_group(session, "g", Chosen(types=frozenset({"Group"}))) == {"Group": [made.rid]}
    assert rows_of_group(session, "g", Chosen(since=made.version)) == {}


def test_no_group(session: Session) -> None:
    """A group that is not there is an error."""
    with pytest.raises(FhirError):
        rows_of_group(session, "g", Chosen())
