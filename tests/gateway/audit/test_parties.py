"""Who takes part in a transfer."""

from gateway.audit.message import AccessPoint
from gateway.audit.parties import receiver_of, sender_of, store_at
from tests.gateway.audit.samples import DIMSE, GATEWAY, HL7


def test_application_entities() -> None:
    """DICOM peers are called by their AE titles."""
    sender, receiver = sender_of(DIMSE), receiver_of(DIMSE, GATEWAY)
    assert ("CT1", "AETITLES=CT1", "192.0.2.7") == (sender.user_id, sender.alternative_user_id, sender.access_point)
    assert ("HILUM", "AETITLES=HILUM") == (receiver.user_id, receiver.alternative_user_id)


def test_hl7_applications() -> None:
    """HL7 peers are called by facility and application, as ITI-8 writes them."""
    sender, receiver = sender_of(HL7), receiver_of(HL7, GATEWAY)
    assert ("NORTH|EPIC", "192.0.2.8") == (sender.user_id, sender.access_point)
    assert ("CLOUD|HILUM", "4711") == (receiver.user_id, receiver.alternative_user_id)


def test_nameless_peer() -> None:
    """A peer that says nothing of itself is called by its address."""
    assert "192.0.2.8" == sender_of({"protocol": "mllp", "peer_ip": "192.0.2.8"}).user_id


def test_store() -> None:
    """A store is called by its address without what may be secret in it."""
    store = store_at("https://user:secret@store.example:8443/v1/dicom?key=secret")
    assert ("https://store.example:8443/v1/dicom", AccessPoint.URI) == (store.user_id, store.access_point_type)


def test_fetched_message() -> None:
    """What was fetched from a store came from a machine with a name, not from an IP address."""
    sender = sender_of({"protocol": "pubsub", "peer_ip": "healthcare.googleapis.com"})
    assert ("healthcare.googleapis.com", AccessPoint.MACHINE_NAME) == (sender.user_id, sender.access_point_type)
