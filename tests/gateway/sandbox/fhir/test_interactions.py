"""Interactions on a session."""

import pytest

from gateway.sandbox.fhir import interactions
from gateway.sandbox.fhir.interactions import Target
from gateway.sandbox.fhir.outcome import FhirError
from gateway.sandbox.fhir.session import Session
from tests.gateway.sandbox.fhir.fhir_client import patient


def test_create_ignores_the_id(session: Session) -> None:
    """A create has an ID of the store."""
    done = interactions.create(session, patient("mine"), "Patient")
    assert (done.status, done.held is not None and done.held.id != "mine") == (201, True)


def test_conditional_update_with_an_id(session: Session) -> None:
    """Without a match the body's ID is taken, unless another resource has it."""
    target = Target("Patient", condition="identifier=7")
    assert interactions.update(session, patient("p"), target).status == 201
    with pytest.raises(FhirError) as raised:
        interactions.update(session, patient("p"), target)
    assert raised.value.status == 409


def test_patch_keeps_the_id(session: Session) -> None:
    """A patch cannot change the ID or make something that is not FHIR."""
    session.update(patient("p"), "p")
    for operation in ({"op": "replace", "path": "/id", "value": "q"}, {"op": "add", "path": "/name", "value": []}):
        with pytest.raises(FhirError) as raised:
            interactions.patch(session, [operation], Target("Patient", "p"))
        assert raised.value.status == 400


def test_purge(session: Session) -> None:
    """A purge leaves the current version."""
    first = session.update(patient("p"), "p")
    second = session.update(patient("p"), "p")
    interactions.purge(session, Target("Patient", "p"))
    assert [second] == session.versions(second)
    with pytest.raises(FhirError):
        interactions.vread(session, Target("Patient", "p"), first.version_id)
