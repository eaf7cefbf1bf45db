"""What is done by datatype: one test for each rule."""

import json
from typing import Any

import pytest

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.fhir.extensions import ABSENT
from adapters.deidentify.pseudonyms.dates import moved
from adapters.deidentify.pseudonyms.domains import Domains
from tests.adapters.deidentify.fhir.making import (
    DAYS,
    DOMAINS,
    HOSPITAL,
    PATIENT,
    PSEUDONYMS,
    SUBJECT,
    SYSTEM,
    YEAR,
    bundle,
    done,
    transformer,
    with_patient,
)  # fmt: skip

MASKED = {"extension": [{"url": ABSENT, "valueCode": "masked"}]}
LOINC = {"system": "http://loinc.org", "code": "1-8", "display": "Sodium"}


def observation(**elements: Any) -> dict[str, Any]:
    """Return an observation of PATIENT."""
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [LOINC]},
        "subject": SUBJECT,
        **elements,
    }


def test_patient() -> None:
    """Of a patient there stay the pseudonym, the year of birth, the sex and the region."""
    given = {
        **PATIENT, "gender": "male", "telecom": [{"value": "030 123456"}], "photo": [{"title": "x"}], "active": True,
        "address": [{"use": "home", "line": ["Way 1"], "city": "Town", "state": "CA", "postalCode": "94110-1234"}],
        "text": {"status": "generated", "div": "<div/>"}, "contact": [{"name": {"family": "Roe"}, "gender": "female"}],
        "generalPractitioner": [{"display": "Dr Jim Doe"}], "deceasedDateTime": "2024-05-01T10:00:00+02:00",
    }  # fmt: skip
    made = done(given)
    number = made["identifier"][0]["value"]
    assert number == PSEUDONYMS.patient(DOMAINS.patient("fhir", (SYSTEM,), "4711007"))
    assert made == {
        "resourceType": "Patient",
        "id": PSEUDONYMS.identifier("id Patient", "p-1001"),
        "identifier": [{"system": SYSTEM, "value": number}],
        "birthDate": "1980",
        "gender": "male",
        "active": True,
        "address": [{"use": "home", "state": "CA", "postalCode": "941"}],
        "deceasedDateTime": moved("2024-05-01T10:00:00+02:00", DAYS),
    }


@pytest.mark.parametrize(
    ("country", "postcode", "area"),
    [(None, "94110", "941"), ("US", "03601", "000"), ("DE", "10115", None), ("US", "9411", None)],
)
def test_postcode(country: str | None, postcode: str, area: str | None) -> None:
    """Three digits of a ZIP code, none of a small area, nothing outside the United States."""
    address = {"postalCode": postcode, "state": "CA", **({"country": country} if country else {})}
    assert done({**PATIENT, "address": [address]})["address"][0].get("postalCode") == area


@pytest.mark.parametrize(
    ("birth", "year"), [(f"{YEAR - 89}-01-01", f"{YEAR - 89}"), (f"{YEAR - 90}", None), ("x", None)]
)
def test_birth(birth: str, year: str | None) -> None:
    """A year of birth that tells an age above 89 goes."""
    assert done({**PATIENT, "birthDate": birth}).get("birthDate") == year


def test_birth_by_date_of_resource() -> None:
    """The age is that at the time of the latest date of the resource."""
    found = done({**PATIENT, "birthDate": "1910-01-01", "deceasedDateTime": "1990-02-03"})
    assert found["birthDate"] == "1910"


def test_great_age() -> None:
    """A quantity of years above 89 goes, in other units as well; 90 minutes stay."""
    for value, unit in ((91, "years"), (1090, "mo"), (4700, "wk"), (33_000, "d")):
        assert "valueQuantity" not in with_patient(observation(valueQuantity={"value": value, "code": unit}))
        assert "valueQuantity" in with_patient(observation(valueQuantity={"value": 89, "code": unit}))
    assert with_patient(observation(valueQuantity={"value": 91, "unit": "min"}))["valueQuantity"]["value"] == 91


@pytest.mark.parametrize("text", ["4.10", "0.00000010", "1.0e-7", "-3", "12345678901234567.8"])
def test_digits(text: str) -> None:
    """A decimal keeps its digits."""
    data = json.dumps(bundle(PATIENT, observation(valueQuantity={"value": 77}))).replace("77", text, 1)
    assert f'"value":{text}' in transformer().transform(data.encode())[0].decode().replace("\n", "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("effectiveDateTime", "2024-05"),
        ("effectiveInstant", "2024-05-01T10:00:00.123Z"),
        ("issued", "2024-05-01T10:00:00+02:00"),
    ],
)
def test_dates(name: str, value: str) -> None:
    """Dates are moved by the patient's whole weeks; clock and zone stay."""
    assert with_patient(observation(**{name: value}))[name] == moved(value, DAYS)


def test_periods_and_timings() -> None:
    """Dates inside of datatypes are moved, too."""
    timing = {"event": ["2024-05-01"], "repeat": {"boundsPeriod": {"start": "2024-05-02"}, "timeOfDay": ["08:00:00"]}}
    made = with_patient(observation(effectiveTiming=timing, valuePeriod={"end": "2024-05-03"}))
    assert made["effectiveTiming"]["event"] == [moved("2024-05-01", DAYS)]
    assert made["effectiveTiming"]["repeat"]["boundsPeriod"]["start"] == moved("2024-05-02", DAYS)
    assert made["effectiveTiming"]["repeat"]["timeOfDay"] == ["08:00:00"]
    assert made["valuePeriod"]["end"] == moved("2024-05-03", DAYS)


@pytest.mark.parametrize("text", ["2024-13-01", "2024-05-01Tell Anna", "May 2024", "20240501"])
def test_no_date(text: str) -> None:
    """What is no date is no date to keep."""
    assert "effectiveDateTime" not in with_patient(observation(effectiveDateTime=text))


def test_safe_harbor() -> None:
    """Years only, of a birth as well; an instant has no year alone; nobody is needed for it."""
    given = observation(effectiveDateTime="2024-05-01", issued="2024-05-01T10:00:00Z")
    made = done({**given, "subject": {"reference": "Patient/unknown"}}, profile="safe_harbor")
    assert (made["effectiveDateTime"], "issued" in made) == ("2024", False)
    provenance = {"resourceType": "Provenance", "recorded": "2024-05-01T10:00:00Z", "target": [SUBJECT]}
    assert done(provenance, profile="safe_harbor")["_recorded"] == MASKED


def test_meta() -> None:
    """Of meta there stay profiles, tags and security labels."""
    meta = {"versionId": "1", "lastUpdated": "2024-05-01T10:00:00Z", "source": "http://his.example/x#1",
            "profile": ["http://hl7.org/fhir/StructureDefinition/vitalsigns|4.0"], "tag": [LOINC]}  # fmt: skip
    assert with_patient(observation(meta=meta))["meta"] == {"profile": meta["profile"], "tag": [LOINC]}


def test_codes() -> None:
    """Names of codes stay only of known systems; a code is one word; text of a concept is free text."""
    local = {"system": "http://his.example/codes", "code": "NA", "display": "Natrium of Anna"}
    concept = {"coding": [LOINC, local, {"code": "of Anna Test"}], "text": "Sodium of Anna"}
    made = with_patient(observation(code=concept))["code"]
    assert made == {"coding": [LOINC, {"system": "http://his.example/codes", "code": "NA"}]}
    kept = with_patient(observation(code=concept), text="known_identifiers")["code"]
    assert (kept["text"], kept["coding"][1]["display"]) == ("Sodium of Anna", "Natrium of Anna")


def test_known_identifiers() -> None:
    """Free text that is a name of the patient goes; markdown and notes always go."""
    given = {"note": [{"text": "fine"}], "valueString": "calm", "method": {"text": "(QUAGMIRE!)"}}
    made = with_patient(observation(**given), text="known_identifiers")
    assert made["valueString"] == "calm"
    assert not {"note", "method"} & set(made)


def test_unknown() -> None:
    """Elements that R4 does not have go, and values in another form."""
    made = with_patient(observation(mood="sad", status=["final"], valueBoolean="yes", category={}, valueInteger=1.5))
    assert set(made) == {"resourceType", "_status", "code", "subject"}


@pytest.mark.parametrize("kind", ["Binary", "Parameters", "Foo", "Element", "Observation.component", ""])
def test_unknown_resources(kind: str) -> None:
    """A resource of another type is held back, in a bundle and contained as well."""
    for given in ({"resourceType": kind}, bundle(PATIENT, {"resourceType": kind}),
                  observation(contained=[{"resourceType": kind}])):  # fmt: skip
        with pytest.raises(HeldBackError, match="type that is not de-identified"):
            done(given)


def test_required() -> None:
    """A required element that goes says why: of a primitive, of a datatype, of a choice."""
    document = {"resourceType": "DocumentReference", "status": "current", "content": [{"attachment": {"title": "CV"}}]}
    assert with_patient(document)["content"] == [{"attachment": MASKED}]
    assert with_patient(observation(status="Anna"))["_status"] == MASKED
    header = {"resourceType": "MessageHeader", "eventUri": "http://his.example/e", "source": {"endpoint": "http://h"}}
    made = with_patient(header)
    assert (made["_eventUri"], made["source"]) == (MASKED, {"_endpoint": MASKED})


def test_required_that_cannot() -> None:
    """A required list of codes has no place for a reason."""
    with pytest.raises(HeldBackError, match="would be lost"):
        done({"resourceType": "CapabilityStatement", "format": ["not a format"]})


def test_extensions() -> None:
    """Extensions go but those that are listed; a reason for absent data stays, on a primitive as well."""
    kept, other = "http://example.org/kept", "http://example.org/other"
    given = observation(
        extension=[{"url": kept, "valueCode": "A"}, {"url": other, "valueCode": "B"}],
        _valueString={"id": "x", "extension": [{"url": ABSENT, "valueCode": "asked-declined"}]},
    )
    made = with_patient(given, keep_extensions=[kept])
    assert made["extension"] == [{"url": kept, "valueCode": "A"}]
    assert made["_valueString"] == {"extension": [{"url": ABSENT, "valueCode": "asked-declined"}]}
    assert "extension" not in with_patient(given)


def test_nested_extensions() -> None:
    """In an extension that is listed, those with a name only stay, and others if they are listed."""
    url = "http://example.org/race"
    inner = [{"url": "category", "valueCoding": LOINC}, {"url": "http://x.org/y", "valueCode": "B"},
             {"url": "text", "valueString": "white"}]  # fmt: skip
    made = with_patient(observation(extension=[{"url": url, "extension": inner}]), keep_extensions=[url])
    assert made["extension"] == [{"url": url, "extension": inner[:1]}]


def test_identifiers() -> None:
    """An identifier is what it numbers: as in HL7v2 and DICOM."""
    coding = {"system": "http://terminology.hl7.org/CodeSystem/v2-0203"}

    def made(kind: str, code: str, value: str, system: str = SYSTEM) -> str | None:
        given = {"system": system, "value": value, "type": {"coding": [{**coding, "code": code}]}}
        found = with_patient({"resourceType": kind, "identifier": [given]})
        return found["identifier"][0]["value"] if "identifier" in found else None

    name = PSEUDONYMS.identifier
    assert made("ServiceRequest", "PLAC", "A1") == made("DiagnosticReport", "FILL", "A1") == name("order", "A1")
    assert made("ImagingStudy", "ACSN", "A1") == made("ServiceRequest", "ACSN", "A1") == name("accession", "A1")
    assert made("Encounter", "VN", "A1") == name("visit", "A1")
    assert made("Patient", "AN", "A1") is None or made("Account", "AN", "A1") == name("account", "A1")
    assert made("Specimen", "PLAC", "A1") == name("sample", "A1")
    assert made("Coverage", "MR", "4711007") == PSEUDONYMS.patient(DOMAINS.patient("fhir", (SYSTEM,), "4711007"))
    assert made("Coverage", "MR", "4711007", "http://other.example") is None
    assert (
        made("ImagingStudy", "", "urn:oid:1.2.840.99.1", "urn:dicom:uid") == f"urn:oid:{PSEUDONYMS.uid('1.2.840.99.1')}"
    )
    assert made("ImagingStudy", "", "1.2.840.99.1", "urn:dicom:uid") == PSEUDONYMS.uid("1.2.840.99.1")


def test_uids() -> None:
    """Series and instances of an imaging study have the UIDs of the DICOM files."""
    series = [
        {"uid": "1.2.3", "instance": [{"uid": "1.2.4", "sopClass": {"system": "urn:ietf:rfc:3986", "code": "x"}}]}
    ]
    made = with_patient({"resourceType": "ImagingStudy", "series": series})["series"][0]
    assert (made["uid"], made["instance"][0]["uid"]) == (PSEUDONYMS.uid("1.2.3"), PSEUDONYMS.uid("1.2.4"))


def test_modified_numbers_of_unknown_authority() -> None:
    """An identifier of a patient from an authority that no domain has goes; without any, the patient is unknown."""
    other = {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "078-05-1120"}
    made = done({**PATIENT, "identifier": [other, *PATIENT["identifier"]]})
    assert [each["system"] for each in made["identifier"]] == [SYSTEM]
    with pytest.raises(HeldBackError, match="no entry of `domains`"):
        done({**PATIENT, "identifier": [other]})
    assert "identifier" not in done({**PATIENT, "identifier": []})


def test_default_domain() -> None:
    """An identifier without a system is in the default domain, but no driver's licence is."""
    domains = Domains({}, HOSPITAL)
    licence = {"type": {"coding": [{"code": "DL"}]}, "value": "4711007"}
    made = done({**PATIENT, "identifier": [licence, {"value": "4711007"}]}, domains)
    assert [each["value"] for each in made["identifier"]] == [
        PSEUDONYMS.patient(domains.patient("fhir", (), "4711007"))
    ]


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{", b'{"a":1,"a":2}', b"\xff", b'{"a":NaN}', b'{"a":' * 200 + b"1" + b"}" * 200, b"[" * 200_000],
)
def test_unreadable(data: bytes) -> None:
    """What is no JSON object that every reader reads alike is held back."""
    with pytest.raises(HeldBackError) as caught:
        transformer().transform(data)
    assert caught.value.__cause__ is None


def test_half_a_surrogate() -> None:
    """Half of a surrogate pair cannot be written."""
    given = json.dumps(observation(code={"text": "\ud800"})).encode()
    with pytest.raises(HeldBackError, match="UTF-8"):
        transformer(text="known_identifiers").transform(given)


def test_manifest() -> None:
    """The manifest counts what was done and names the key, and has no value."""
    _, manifest = transformer().transform(
        json.dumps(bundle(PATIENT, observation(issued="2024-05-01T10:00:00Z"))).encode()
    )
    assert (manifest.policy, manifest.key) == ("FHIR R4 limited", PSEUDONYMS.fingerprint)
    assert manifest.done["date", "shifted"] == 1
    assert manifest.done["HumanName", "removed"] == 1
    assert "Quagmire" not in repr(manifest)
