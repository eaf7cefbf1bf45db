"""What becomes of resources by ``FhirConfig``."""

import re
from typing import Any

import pytest

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.google.config import DateShiftConfig
from adapters.deidentify.google.keys import key_of
from adapters.deidentify.pseudonyms.dates import moved
from adapters.deidentify.pseudonyms.domains import Patient
from adapters.deidentify.pseudonyms.service import KeyedPseudonyms
from tests.adapters.deidentify.fhir.making import planted
from tests.adapters.deidentify.google.support import CRYPTO_KEY, KEY, NO_MODEL, PSEUDONYMS, Json, fhir, fields

PATIENT: Json = {
    "resourceType": "Patient",
    "id": "p-1001",
    "name": [{"use": "official", "family": "Quagmire", "given": ["Zebulon"]}],
    "gender": "male",
    "birthDate": "1980-03-15",
    "address": [{"city": "Springfield", "line": ["123 Main Street"], "state": "CA"}],
    "deceasedDateTime": "2020-05-06T10:00:00Z",
    "multipleBirthInteger": 2,
}
SHIFT: Json = {"additionalTransformations": [{"infoTypes": ["DATE"], "dateShiftConfig": {"cryptoKey": CRYPTO_KEY}}]}


def observation(**more: Any) -> Json:
    """Return an observation of the patient."""
    return {
        "resourceType": "Observation",
        "id": "o-1",
        "status": "final",
        "code": {"text": "Pulse"},
        "subject": {"reference": "Patient/p-1001"},
        **more,
    }


def test_nothing_matches() -> None:
    """What no path matches passes unmodified, with the digits of its numbers."""
    assert fhir({"fhir": {}}, PATIENT) == PATIENT
    assert fhir({"fhir": {"fieldMetadataList": []}}, observation(valueString="x")) == observation(valueString="x")


def test_redaction() -> None:
    """Without a transformation in ``text``, a field is removed."""
    made = fhir(fields(["Patient.name", "Patient.birthDate"]), PATIENT)
    assert made == {name: value for name, value in PATIENT.items() if name not in {"name", "birthDate"}}


@pytest.mark.parametrize(
    ("path", "gone"),
    [
        ("Patient.address.city", {"city"}),
        ("Patient.Address.city", {"city"}),
        ("Address.city", {"city"}),
        ("Patient.Address.String", {"city", "line", "state"}),
        ("Patient.address.line", {"line"}),
        ("String", {"city", "line", "state"}),
    ],
)
def test_paths(path: str, gone: set[str]) -> None:
    """Names of fields, of types, and parts of a path."""
    (address,) = fhir(fields([path]), PATIENT).get("address") or [{}]
    assert set(PATIENT["address"][0]) - set(address) == gone


@pytest.mark.parametrize(
    "path", ["Patient.Deceased.DateTime", "deceasedDateTime", "DateTime", "Patient.deceased.DateTime"]
)
def test_choices(path: str) -> None:
    """A choice is named by two components."""
    made = fhir(fields([path]), PATIENT)
    assert set(PATIENT) - set(made) == {"deceasedDateTime"}


def test_the_first_entry_counts() -> None:
    """A field gets the action of the first entry that matches it."""
    entries = [{"paths": ["Address.state"]}, {"paths": ["Patient.address"], "action": "TRANSFORM"}]
    made = fhir({"fhir": {"fieldMetadataList": entries}}, PATIENT)
    assert made["address"] == [{"state": "CA"}]
    made = fhir({"fhir": {"fieldMetadataList": entries[::-1]}}, PATIENT)
    assert "address" not in made


def test_a_general_exception_does_not_spread() -> None:
    """DO_NOT_TRANSFORM of a type keeps its own fields, not what is below it, but for a HumanName."""
    entries = [
        {"paths": ["Patient.address", "HumanName"], "action": "DO_NOT_TRANSFORM"},
        {"paths": ["String"], "action": "TRANSFORM"},
    ]
    made = fhir({"fhir": {"fieldMetadataList": entries}}, PATIENT)
    assert "address" not in made
    assert made["name"] == PATIENT["name"]


def test_hash_and_mask() -> None:
    """A text becomes 44 characters by the key, or as many characters as it had; what cannot hold that is removed."""
    name_hash: Json = {"additionalTransformations": [
        {"infoTypes": ["PERSON_NAME"], "cryptoHashConfig": {"cryptoKey": CRYPTO_KEY}},
        {"characterMaskConfig": {"maskingCharacter": "#"}},
    ]}  # fmt: skip
    paths = ["HumanName", "Address.city", "Patient.gender", "Integer", "Patient.birthDate"]
    made = fhir(fields(paths, **name_hash), PATIENT)
    assert re.fullmatch(r"[A-Za-z0-9+/]{43}=", made["name"][0]["family"])
    assert made["name"][0]["family"] != made["name"][0]["given"][0]
    assert made["address"][0]["city"] == "#" * len("Springfield")
    assert not {"gender", "multipleBirthInteger", "birthDate"} & made.keys()


def test_the_name_of_an_info_type() -> None:
    """TRANSFORM of a whole field is a redaction; a match in a text is replaced."""
    named: Json = {"additionalTransformations": [{"replaceWithInfoTypeConfig": {}}], "excludeInfoTypes": NO_MODEL}
    assert "address" not in fhir(fields(["Patient.address"], **named), PATIENT)
    note = observation(note=[{"text": "Seen on 2020-05-06, mail a.b@example.org"}])
    made = fhir(fields(["Annotation.text"], "INSPECT_AND_TRANSFORM", **named), note)
    assert made["note"] == [{"text": "Seen on [DATE], mail [EMAIL_ADDRESS]"}]


def test_inspection_without_a_model() -> None:
    """With ``missing_recogniser: redact_field`` a field that is to be inspected is removed as a whole."""
    note = observation(note=[{"text": "Dr Strange saw him"}])
    made = fhir(fields(["Annotation.text"], "INSPECT_AND_TRANSFORM"), note, redacts_fields=True)
    assert b"Strange" not in repr(made).encode()
    assert made["note"] == [{"_text": {"extension": made["note"][0]["_text"]["extension"]}}]


def test_inspection_without_a_model_is_a_removal() -> None:
    """Whatever the transformation, such a field goes; a date is still a date, and a name a name."""
    hashing: Json = {"additionalTransformations": [{"cryptoHashConfig": {"cryptoKey": CRYPTO_KEY}}]}
    paths = ["Address.city", "Patient.name.family", "Patient.birthDate", "Patient.gender"]
    made = fhir(fields(paths, "INSPECT_AND_TRANSFORM", **hashing), PATIENT, redacts_fields=True)
    assert "city" not in made["address"][0]
    assert len(made["name"][0]["family"]) == 44
    assert not {"birthDate", "gender"} & made.keys()


def test_dates() -> None:
    """Dates are moved by the key and the patient, in every resource of the patient; what is no date is removed."""
    days = KeyedPseudonyms(key_of(DateShiftConfig(crypto_key=CRYPTO_KEY), KEY, "")).shift(Patient("", "p-1001"))
    paths = ["Date", "DateTime", "Address.city"]
    made = fhir(fields(paths, **SHIFT), PATIENT)
    assert made["birthDate"] == moved("1980-03-15", days)
    assert made["deceasedDateTime"] == moved("2020-05-06T10:00:00Z", days)
    assert "city" not in made["address"][0]
    made = fhir(fields(paths, **SHIFT), observation(effectiveDateTime="2020-05-06"))
    assert made["effectiveDateTime"] == moved("2020-05-06", days)


def test_dates_of_nobody() -> None:
    """A date that is to be moved and belongs to no patient is held back."""
    with pytest.raises(HeldBackError, match="belong to nobody"):
        fhir(fields(["DateTime"], **SHIFT), observation(effectiveDateTime="2020-05-06", subject={"display": "?"}))


def test_excluded_dates() -> None:
    """An infoType that is excluded is not transformed where a field is inspected."""
    made = fhir(fields(["Date"], "INSPECT_AND_TRANSFORM", excludeInfoTypes=[*NO_MODEL, "DATE"]), PATIENT)
    assert made["birthDate"] == "1980-03-15"


def test_ids() -> None:
    """An id that is transformed becomes a pseudonym, and so do the links to it, matched or not."""
    config = fields(["Patient.id"])
    assert fhir(config, PATIENT)["id"] == PSEUDONYMS.identifier("id Patient", "p-1001")
    made = fhir(config, observation())
    assert made["subject"] == {"reference": f"Patient/{PSEUDONYMS.identifier('id Patient', 'p-1001')}"}
    assert made["id"] == "o-1"


def test_ids_in_a_bundle() -> None:
    """The requests of a transaction follow."""
    request = {"method": "PUT", "url": "Patient/p-1001"}
    entry = {"fullUrl": "http://x.org/Patient/p-1001", "resource": PATIENT, "request": request}
    made = fhir(fields(["Id"]), {"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
    identity = PSEUDONYMS.identifier("id Patient", "p-1001")
    assert made["entry"][0]["request"]["url"] == f"Patient/{identity}"
    assert made["entry"][0]["resource"]["id"] == identity
    assert "p-1001" not in repr(made)


def test_ids_of_contained_resources() -> None:
    """A link to a contained resource follows its id, and only if that changes."""
    resource = observation(
        contained=[{"resourceType": "Practitioner", "id": "d"}, {"resourceType": "Specimen", "id": "s"}],
        performer=[{"reference": "#d"}],
        specimen={"reference": "#s"},
    )
    made = fhir(fields(["Practitioner.id"]), resource)
    assert made["contained"][0]["id"] != "d"
    assert made["performer"] == [{"reference": f"#{made['contained'][0]['id']}"}]
    assert made["specimen"] == {"reference": "#s"}


def test_conditions_of_a_transaction() -> None:
    """A condition that names a transformed value is not lost: without it another resource would be made."""
    identified = {**PATIENT, "identifier": [{"system": "urn:oid:1.2.3", "value": "4711007"}]}
    request = {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=urn:oid:1.2.3|4711007"}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": identified, "request": request}]}
    assert fhir(fields(["HumanName"]), bundle)["entry"][0]["request"] == request
    with pytest.raises(HeldBackError, match="it would do something else"):
        fhir(fields(["Identifier.value"]), bundle)


def test_what_was_transformed_is_searched_for() -> None:
    """A text that passes loses the words by which a transformed field named the patient."""
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": PATIENT}, {"resource": observation(valueString="Mr Quagmire is well")}],
    }
    made = fhir(fields(["HumanName"]), bundle)
    assert made["entry"][1]["resource"]["valueString"] == "Mr *** is well"
    narrative = {"status": "generated", "div": "<div xmlns='http://www.w3.org/1999/xhtml'>Zebulon</div>"}
    assert "Zebulon" not in repr(fhir(fields(["HumanName"]), {**PATIENT, "text": narrative}))


@pytest.mark.parametrize("keeps", [True, False])
def test_extensions(keeps: bool) -> None:
    """Extensions are removed, also those of primitive elements, unless they are kept; then their fields have paths."""
    extension = [{"url": "http://x.org/nick", "valueString": "Zeb"}, {"url": "http://x.org/n", "valueInteger": 7}]
    resource = {**PATIENT, "extension": extension, "_birthDate": {"extension": extension}}
    config = fields(["Extension.value.String"])
    config["fhir"]["defaultKeepExtensions"] = keeps
    made = fhir(config, resource)
    assert ("extension" in made, "_birthDate" in made) == (keeps, keeps)
    assert "Zeb'" not in repr({**made, "name": []})


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "Binary", "contentType": "text/plain", "data": "aGk="},
        {"resourceType": "Parameters", "parameter": []},
        {"resourceType": "Unheard"},
        {**PATIENT, "modifierExtension": [{"url": "http://x.org/not", "valueBoolean": True}]},
    ],
)
def test_held_back(resource: Json) -> None:
    """What cannot be gone through is held back."""
    with pytest.raises(HeldBackError):
        fhir({"fhir": {}}, resource)


def test_what_r4_does_not_have() -> None:
    """Elements that R4 does not have are removed: nobody knows what they are."""
    assert fhir({"fhir": {}}, {**PATIENT, "nickname": "Zeb", "_nickname": {}, "birthDate": ["1980"]}) == {
        name: value for name, value in PATIENT.items() if name != "birthDate"
    }


def test_without_fhir() -> None:
    """Without ``fhir`` the strictest profile of the step applies: no name, and years only."""
    made = fhir({"dicom": {}}, {**PATIENT, "identifier": [{"system": "urn:oid:1.2.3", "value": "4711007"}]})
    assert "name" not in made
    assert made["birthDate"] == "1980"


@pytest.mark.parametrize("action", ["TRANSFORM", "INSPECT_AND_TRANSFORM"])
@pytest.mark.parametrize("kind", ["Patient", "Observation", "DiagnosticReport", "QuestionnaireResponse", "Coverage"])
def test_everything(kind: str, action: str) -> None:
    """A rule for a whole resource leaves nothing of a text that is in every place of it, or holds it back."""
    resource = {"resourceType": kind, **planted(kind, "Quagmire")}
    config = fields([kind], action)
    config["fhir"]["defaultKeepExtensions"] = True
    try:
        made = fhir(config, resource, redacts_fields=True)
    except HeldBackError:
        return
    assert "Quagmire" not in repr(made)


def test_everything_of_one_resource() -> None:
    """The rule for whole resources does not hold everything back."""
    assert fhir(fields(["Patient"]), PATIENT) == {
        "resourceType": "Patient",
        "id": PSEUDONYMS.identifier("id Patient", "p-1001"),
    }
