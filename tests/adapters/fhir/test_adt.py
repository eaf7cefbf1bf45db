"""Groups of segments in ADT messages."""

import pytest

from adapters.fhir.adt import NO_PATIENT, NO_PATIENT_ID
from adapters.fhir.convert import convert
from adapters.fhir.events import EVENTS
from tests.adapters.fhir.making import BERLIN, PID, PV1, made, message, only, resources


@pytest.mark.parametrize("event", EVENTS)
def test_events(event: str) -> None:
    """Every event of the table gives a bundle with its patient."""
    assert 1 <= len(resources(made(PID, PV1, kind=f"ADT^{event}"), "Patient"))


def test_no_patient() -> None:
    """A message without a patient, or without a key of the patient, is refused: never keyed by a time."""
    assert NO_PATIENT == convert(message(PV1), BERLIN)
    assert NO_PATIENT_ID == convert(message("PID|1||", PV1), BERLIN)


def test_two_patients() -> None:
    """A17 has two patients, each with a visit."""
    found = made(PID, PV1, PID.replace("|7^", "|9^"), PV1.replace("V1^^^", "V2^^^"), kind="ADT^A17")
    assert [2, 2] == [len(resources(found, kind)) for kind in ("Patient", "Encounter")]


def test_deleted_person() -> None:
    """A29 makes a patient inactive and deletes nothing."""
    assert False is only(made(PID, kind="ADT^A29"), "Patient")["active"]


def test_active_is_not_owned() -> None:
    """An update never says that a patient is active: it could bring a merged one back to life."""
    assert "active" not in only(made(PID, kind="ADT^A08"), "Patient")


def test_observation() -> None:
    """An OBX of an admission is an observation of the visit."""
    found = only(made(PID, PV1, "OBX|1|NM|8302-2^Height^LN||180|cm|||||F"), "Observation")
    assert {"reference", "display"} >= set(found["encounter"])


def test_measured_again() -> None:
    """A weight of another day is another observation; the same one again is the same."""
    weights = [f"OBX|1|NM|29463-7^Weight^LN||70|kg|||||F|||{time}" for time in ("20240501", "20240505", "20240501")]
    urls = [each.url for one in weights for each in made(PID, PV1, one).bundle if each.kind == "Observation"]
    assert (2, urls[0]) == (len(set(urls)), urls[2])
