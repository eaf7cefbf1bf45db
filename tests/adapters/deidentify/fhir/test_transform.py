"""A whole resource: rules by datatype, then the search for its own identifiers, then JSON."""

import json
from typing import Any

import pytest

from adapters.deidentify.errors import HeldBackError
from tests.adapters.deidentify.fhir.making import (
    PATIENT,
    PSEUDONYMS,
    SUBJECT,
    YEAR,
    bundle,
    done,
    strings,
    transformer,
    with_patient,
)


def observation(**elements: Any) -> dict[str, Any]:
    """Return an observation of PATIENT."""
    return {"resourceType": "Observation", "status": "final", "subject": SUBJECT, **elements}


def test_result() -> None:
    """The result is JSON, with what was done and which key was used."""
    data, manifest = transformer().transform(json.dumps(PATIENT).encode())
    assert json.loads(data)["resourceType"] == "Patient"
    assert (manifest.policy, manifest.key) == ("FHIR R4 limited", PSEUDONYMS.fingerprint)


def test_again() -> None:
    """The same resource gives the same octets, in every process with the key."""
    data = json.dumps(bundle(PATIENT, observation(issued="2024-05-01T10:00:00Z"))).encode()
    assert transformer().transform(data) == transformer().transform(data)


def test_own_identifier_in_a_code() -> None:
    """A value in the right form goes if it contains an identifier of the patient, also with a number as a number."""
    made = with_patient(observation(code={"coding": [{"code": "QUAGMIRE"}, {"code": "NA"}]}, valueInteger=4711007))
    assert made["code"] == {"coding": [{"code": "NA"}]}
    assert "valueInteger" not in made
    made = with_patient(observation(valueQuantity={"value": 4711007, "unit": "quagmire"}))
    assert "valueQuantity" not in made


def test_own_identifier_in_parts() -> None:
    """An object that contains an identifier as a whole loses all of its texts, though each alone is nothing."""
    patient = {**PATIENT, "name": [{"text": "Li Wu"}]}
    coding = {"system": "http://x.org/codes", "code": "Li", "display": "Wu"}
    made = done(bundle(patient, observation(code={"coding": [coding]})), text="known_identifiers")
    assert "Wu" not in str(made)
    assert "Li" not in list(strings(made))


def test_free_text_is_cleaned() -> None:
    """Free text loses the words that name the patient, where the profile keeps free text."""
    given = observation(valueString="Quagmire has no pain since 15.03.1980")
    assert "valueString" not in with_patient(given)
    assert with_patient(given, text="known_identifiers")["valueString"] == "*** has no pain since ***"


def test_pseudonyms_are_not_searched() -> None:
    """A pseudonym that happens to contain the name of a patient stays, so that references stay closed."""
    number = PSEUDONYMS.identifier("id Patient", "p-1001")
    patient = {**PATIENT, "name": [{"family": number[3:9]}]}
    made = done(bundle(patient, observation()))
    assert made["entry"][1]["resource"]["subject"]["reference"] == f"Patient/{number}"


@pytest.mark.parametrize(
    ("elements", "born", "year"),
    [
        ({"issued": "2000-05-01T10:00:00Z"}, "1915-01-01", "1915"),
        ({"issued": "2010-05-01T10:00:00Z"}, "1915-01-01", None),
        ({}, f"{YEAR - 90}-01-01", None),
        ({"valueString": "2100-01"}, "1990-01-01", None),  # whatever looks like a date counts: rather too old
    ],
)
def test_age(elements: dict[str, Any], born: str, year: str | None) -> None:
    """The age is that at the latest date of the resource, or else today."""
    made = done(bundle({**PATIENT, "birthDate": born}, observation(**elements)))
    assert made["entry"][0]["resource"].get("birthDate") == year


@pytest.mark.parametrize("data", [b"", b"{}", b'{"resourceType":"Quagmire"}', b'{"resourceType":{"a":"Quagmire"}}'])
def test_held_back(data: bytes) -> None:
    """What is no resource is held back without its text."""
    with pytest.raises(HeldBackError) as caught:
        transformer().transform(data)
    assert "Quagmire" not in repr(caught.value)


def test_input_is_not_changed() -> None:
    """A resource that cannot be written raises, and nothing is kept for the next one."""
    engine = transformer(text="known_identifiers")
    with pytest.raises(HeldBackError):
        engine.transform(json.dumps(observation(subject={"type": "Patient"}, issued="2024-05-01T10:00:00Z")).encode())
    assert engine.transform(json.dumps(PATIENT).encode())[0] == transformer().transform(json.dumps(PATIENT).encode())[0]
