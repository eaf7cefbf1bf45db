"""The kinds ``pubsub`` and ``pubsub_fhir``."""

from adapters.events.kind import PUBSUB, PUBSUB_FHIR
from adapters.events.settings import PubsubSettings
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from tests.adapters.events.cloud import MESSAGE

STORE = "http://store.example/v1/projects/p/locations/l/datasets/d/hl7V2Stores/s"


def test_patient() -> None:
    """A message can be ordered by its patient, and the audit trail knows it."""
    data = MESSAGE % b"1"
    message = Message("1", WholeBody(data), {"protocol": "pubsub"}, {})
    assert "7|" == PUBSUB.patient_of(message)
    assert "7^^^^MR" == PUBSUB.subject_of(message, data).patient_id


def test_notices() -> None:
    """Addresses of other machines with http:// are noticed."""
    given = {"kind": "pubsub", "subscription": "projects/p/subscriptions/results", "store": STORE}
    found = PubsubSettings.model_validate({**given, "pubsub_url": "http://pubsub.example"})
    assert ["store", "pubsub_url"] == [key for key, _ in PUBSUB.notices(found)]


OBSERVATION = b'{"resourceType": "Observation", "id": "o", "subject": {"reference": "Patient/7"}}'


def test_resource() -> None:
    """A resource is in order with those of its patient, and the audit trail knows the patient."""
    message = Message("1", WholeBody(OBSERVATION), {"protocol": "pubsub_fhir"}, {})
    assert "Patient/7" == PUBSUB_FHIR.patient_of(message)
    assert "Patient/7" == PUBSUB_FHIR.subject_of(message, OBSERVATION).patient_id
