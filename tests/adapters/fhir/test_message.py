"""Facts, patient and subject of a FHIR body."""

import json
from typing import Any

import pytest

from adapters.fhir.message import facts_of, patient_of, subject_of
from gateway.contract.fhir import Interaction
from gateway.contract.message import Subject
from tests.adapters.fhir.making import PID, made

PATIENT = {"resourceType": "Patient", "identifier": [{"system": "urn:x", "value": "7"}], "name": [{"family": "A"}]}
OBSERVATION = {"resourceType": "Observation", "subject": {"reference": "Patient/1"}}


def octets(value: object) -> bytes:
    """Return JSON."""
    return json.dumps(value).encode()


def bundle(kind: str, *resources: dict[str, Any], url: str = "") -> bytes:
    """Return a bundle of these resources."""
    entries = [{"resource": each, "request": {"method": "PUT", "url": url}} for each in resources]
    return octets({"resourceType": "Bundle", "type": kind, "entry": entries})


FACTS = [
    (bundle("transaction"), None, ("transaction", "Bundle")),
    (bundle("batch"), None, ("batch", "Bundle")),
    (bundle("document"), None, ("create", "Bundle")),
    (octets(OBSERVATION), None, ("create", "Observation")),
    (octets({**OBSERVATION, "id": "1"}), None, ("update", "Observation")),
    (octets(OBSERVATION), Interaction("PUT", "Observation?identifier=1"), ("update", "Observation")),
    (b"[]", Interaction("PATCH", "Patient/1"), ("patch", "Patient")),
    (b"", Interaction("DELETE", "Patient/1"), ("delete", "Patient")),
    (bundle("batch"), Interaction("POST", ""), ("batch", "Bundle")),
]


@pytest.mark.parametrize(("body", "interaction", "facts"), FACTS)
def test_facts(body: bytes, interaction: Interaction | None, facts: tuple[str, str]) -> None:
    """A request says what is asked for; without one, the body does."""
    assert dict(zip(("interaction", "resource_type"), facts, strict=True)) == facts_of(body, interaction)


PATIENTS = [
    (octets(PATIENT), "", "urn:x|7"),
    (octets({"resourceType": "Patient", "id": "1"}), "", "Patient/1"),
    (octets({"resourceType": "Patient"}), "Patient/1", "Patient/1"),
    (octets({"resourceType": "Patient"}), "Patient?identifier=urn%3Ax%7C7", "urn:x|7"),
    (octets({"resourceType": "Patient"}), "", None),
    (octets(OBSERVATION), "", "Patient/1"),
    (octets({"resourceType": "Account", "subject": [{"reference": "Patient/1"}]}), "", "Patient/1"),
    (octets({"resourceType": "Observation"}), "", None),
    (bundle("transaction", OBSERVATION, PATIENT), "", "urn:x|7"),
    (bundle("transaction", {"resourceType": "Organization"}, OBSERVATION), "", "Patient/1"),
    (bundle("transaction", {"resourceType": "Patient"}, url="Patient?identifier=a"), "", "a"),
]


ALIKE = [
    b'{"resourceType":"Patient","id":"1","identifier":[{"system":"urn:a","value":"7"}]}',
    b'{"resourceType":"Observation","subject":{"reference":"Patient/1"}}',
    bundle("transaction", {"resourceType": "Patient", "id": "1"}, url="Patient/1"),
]
ALIKE_BY_IDENTIFIER = [
    b'{"resourceType":"Patient","identifier":[{"system":"urn:a","value":"7"}]}',
    b'{"resourceType":"Observation","subject":{"reference":"Patient?identifier=urn:a|7"}}',
    b'{"resourceType":"Condition","subject":{"reference":"Patient?identifier=urn%3Aa%7C7"}}',
]


@pytest.mark.parametrize(("bodies", "key"), [(ALIKE, "Patient/1"), (ALIKE_BY_IDENTIFIER, "urn:a|7")])
def test_patient_in_files(bodies: list[bytes], key: str) -> None:
    """A patient in a file and what refers to it have the same key: that under which the patient is stored."""
    assert [key] * len(bodies) == [patient_of(each) for each in bodies]


@pytest.mark.parametrize(("body", "url", "patient"), PATIENTS)
def test_patient(body: bytes, url: str, patient: str | None) -> None:
    """A patient is known by an identifier with a system, or by ID; another resource by its reference."""
    assert patient == patient_of(body, Interaction("PUT", url) if url else None)


def test_patient_of_a_conversion() -> None:
    """All messages about a patient have the same key."""
    first, second = made(PID), made(PID, "EVN|A08|20240502", kind="ADT^A08")
    assert "urn:oid:1.2.3|7" == patient_of(first.encoded()) == patient_of(second.encoded())


SUBJECTS = [
    (octets(PATIENT), Subject("7", "A")),
    (octets({**PATIENT, "name": [{"family": "A", "given": ["B", "C"]}]}), Subject("7", "A^B^C")),
    (octets({"resourceType": "Patient", "id": "1", "name": [{"text": "B"}]}), Subject("1", "B")),
    (bundle("batch", OBSERVATION, PATIENT), Subject("7", "A")),
    (bundle("batch", OBSERVATION), Subject("Patient/1")),
    (octets({"resourceType": "Organization"}), Subject()),
]


@pytest.mark.parametrize(("body", "subject"), SUBJECTS)
def test_subject(body: bytes, subject: Subject) -> None:
    """The audit trail gets the patient's identifier and name."""
    assert subject == subject_of(body)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"1", b"{", b"\xff", b"[" * 10_000, octets({"resourceType": 5}), octets({"entry": 1}),
     octets({"resourceType": "Bundle", "entry": [1, {"resource": 1}, {"resource": {}, "request": 1}], "type": []}),
     octets({"resourceType": "Patient", "identifier": [1, {"system": 1}], "name": [{"given": [1, "x"]}, 2]})],
)  # fmt: skip
def test_any_octets(body: bytes) -> None:
    """What is not FHIR says little, and is no error."""
    assert facts_of(body)["interaction"] in {"create", "update"}
    patient_of(body)
    assert isinstance(subject_of(body), Subject)
