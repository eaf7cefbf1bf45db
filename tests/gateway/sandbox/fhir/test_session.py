"""One store within one transaction."""

import pytest

from gateway.sandbox.fhir.outcome import FhirError
from gateway.sandbox.fhir.session import Session, check_match
from tests.gateway.sandbox.fhir.fhir_client import patient


def test_versions_grow(session: Session) -> None:
    """Every write has a later version than all before it, also within one microsecond."""
    versions = [session.create(patient()).version for _ in range(50)]
    assert versions == sorted(set(versions))


def test_versions_are_kept(session: Session) -> None:
    """Earlier versions stay as they were."""
    first = session.update(patient("p", active=True), "p")
    second = session.update(patient("p", active=False), "p")
    assert [second, first] == session.versions(second)
    assert session.versions(second)[1].resource()["active"] is True


def test_without_versioning(session: Session) -> None:
    """A store that keeps no versions has the current one only."""
    session.flags = type(session.flags)(versioning=False)
    session.update(patient("p"), "p")
    second = session.update(patient("p"), "p")
    assert [second] == session.versions(second)


def test_no_update_create(session: Session) -> None:
    """Without enableUpdateCreate a PUT to a new ID is a 404."""
    session.flags = type(session.flags)(update_create=False)
    with pytest.raises(FhirError) as raised:
        session.update(patient("p"), "p")
    assert raised.value.status == 404


def test_without_integrity(session: Session) -> None:
    """A store may take references to nothing."""
    session.create({"resourceType": "Group", "managingEntity": {"reference": "Organization/none"}})
    with pytest.raises(FhirError):
        session.check_references()
    session.flags = type(session.flags)(integrity=False)
    session.check_references()


def test_etag(session: Session) -> None:
    """If-Match is an ETag of the current version."""
    held = session.create(patient())
    check_match(held, f'W/"{held.version_id}"')
    for wrong, status in ((held.version_id, 400), ('W/"x"', 412)):
        with pytest.raises(FhirError) as raised:
            check_match(held, wrong)
        assert raised.value.status == status


REFERENCES = {
    "Patient/none": False,
    "Patient?identifier=http://x|1": False,
    "urn:uuid:1": False,
    "none": False,
    "http://elsewhere/Patient/1": True,
    "urn:x:1": True,
    "#contained": True,
    "Patient/p/_history/1": True,
}


@pytest.mark.parametrize(("reference", "sound"), REFERENCES.items())
def test_references(session: Session, reference: str, *, sound: bool) -> None:
    """A reference points to a resource of the store, to another place, or into its own resource."""
    session.update(patient("p", link=[{"other": {"reference": reference}}]), "p")
    if sound:
        session.check_references()
    else:
        with pytest.raises(FhirError) as raised:
            session.check_references()
        assert raised.value.status == 400
