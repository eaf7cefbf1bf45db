"""By what people are named is collected wherever R4 has it."""

from typing import Any

import pytest

from adapters.deidentify.fhir.identity import own_identifiers
from tests.adapters.deidentify.fhir.making import bundle


def found(resource: dict[str, Any], text: str) -> bool:
    """Return whether *text* names somebody whom the resource names."""
    return own_identifiers(resource).is_in(text)


PLACES: dict[str, tuple[dict[str, Any], str]] = {
    "name": ({"resourceType": "Patient", "name": [{"family": "Quagmire"}]}, "Mr. Quagmire"),
    "given name": ({"resourceType": "Patient", "name": [{"given": ["Zebulon", "Pike"]}]}, "Pike, Zebulon"),
    "name as a text": ({"resourceType": "Patient", "name": [{"text": "Zebulon Quagmire"}]}, "quagmire"),
    "former name": ({"resourceType": "Patient", "name": [{"use": "maiden", "family": "Quagmire"}]}, "Quagmire"),
    "contact": ({"resourceType": "Patient", "contact": [{"name": {"family": "Quagmire"}}]}, "Quagmire"),
    "identifier": ({"resourceType": "Patient", "identifier": [{"value": "4711007"}]}, "no. 4711-007"),
    "urn": ({"resourceType": "Patient", "identifier": [{"value": "urn:oid:1.2.34567"}]}, "1.2.34567"),
    "telephone": ({"resourceType": "Patient", "telecom": [{"value": "030 1234567"}]}, "030/1234567"),
    "street": ({"resourceType": "Patient", "address": [{"line": ["Elm Road 5"]}]}, "elm road 5"),
    "birth": ({"resourceType": "Patient", "birthDate": "1954-03-07"}, "07.03.1954"),
    "death": ({"resourceType": "Patient", "deceasedDateTime": "2024-05-01T10:00:00Z"}, "20240501"),
    "id": ({"resourceType": "Patient", "id": "p-4711007"}, "p-4711007"),
    "reference": ({"resourceType": "Flag", "subject": {"reference": "Patient/p-4711007"}}, "p-4711007"),
    "absolute reference": ({"resourceType": "Flag", "subject": {"reference": "http://h/Patient/p-471"}}, "p-471"),
    "display": ({"resourceType": "Flag", "subject": {"reference": "Patient/1", "display": "Quagmire"}}, "Quagmire"),
    "display by type": (
        {"resourceType": "Flag", "author": {"type": "Practitioner", "display": "Quagmire"}},
        "Quagmire",
    ),
    "display by element": (
        {"resourceType": "Flag", "subject": {"identifier": {"value": "x"}, "display": "Quagmire"}},
        "Quagmire",
    ),
    "display beside a UUID": (
        {"resourceType": "Flag", "subject": {"reference": "urn:uuid:1", "display": "Quagmire"}},
        "Quagmire",
    ),
    "telephone from elsewhere": ({"resourceType": "Patient", "telecom": [{"value": "+49 30 1234567"}]}, "030/1234567"),
    "birth of a relative": ({"resourceType": "RelatedPerson", "birthDate": "1954-03-07"}, "07.03.1954"),
    "time of birth": (
        {
            "resourceType": "Patient",
            "_birthDate": {
                "extension": [
                    {
                        "url": "http://hl7.org/fhir/StructureDefinition/patient-birthTime",
                        "valueDateTime": "1954-03-07T10:00:00Z",
                    }
                ]
            },
        },
        "07.03.1954",
    ),
    "mother": (
        {
            "resourceType": "Patient",
            "extension": [
                {
                    "url": "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName",
                    "valueString": "Quagmire",
                }
            ],
        },
        "Quagmire",
    ),
    "insurance": ({"resourceType": "Coverage", "subscriberId": "Z-4711007"}, "no. Z4711007"),
    "stay": ({"resourceType": "Encounter", "period": {"start": "2024-05-01T08:00:00Z"}}, "May 1st, 2024"),
    "clinician": ({"resourceType": "Practitioner", "name": [{"family": "Quagmire"}]}, "Quagmire"),
    "contained": (
        {"resourceType": "Flag", "contained": [{"resourceType": "Patient", "name": [{"family": "Quagmire"}]}]},
        "Quagmire",
    ),
    "extension": (
        {"resourceType": "Patient", "extension": [{"url": "u", "valueHumanName": {"family": "Quagmire"}}]},
        "Quagmire",
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_places(place: str) -> None:
    """Each of them is searched for, in an entry of a bundle as well."""
    resource, text = PLACES[place]
    assert found(resource, text)
    assert found(bundle({"resourceType": "Device"}, bundle(resource)), text)
    assert not found(resource, "Sodium 5.1 mmol/L")


def test_too_short() -> None:
    """A number of two characters would be found in everything."""
    assert not found({"resourceType": "Patient", "id": "7", "identifier": [{"value": "12"}]}, "12")


@pytest.mark.parametrize(
    "resource",
    [
        {},
        {"resourceType": "Nobody", "name": [{"family": "Quagmire"}]},
        {"resourceType": "Observation", "performer": [{"display": "Quagmire"}]},
        {"resourceType": "Organization", "name": "Quagmire", "address": [{"line": ["Quagmire"]}]},
        {"resourceType": "Patient", "name": "Quagmire", "birthDate": 1954, "nobody": [{"family": "Quagmire"}]},
        {"resourceType": "Patient", "name": [{"family": ["Quagmire"][0:0], "given": [1, None]}], "birthDate": "x"},
        {"resourceType": ["Patient"], "name": [{"family": "Quagmire"}]},
    ],
)
def test_nothing(resource: dict[str, Any]) -> None:
    """A house has no name that is searched for, nor what is not in the form of R4."""
    assert not found(resource, "Quagmire")
