"""Identifiers get the pseudonym of what they number; conditions keep nothing but a system and a pseudonym."""

from typing import Any

import pytest

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.fhir.identifiers import BY_CODE, purpose, type_code
from adapters.deidentify.pseudonyms.domains import Domains, Patient
from tests.adapters.deidentify.fhir.making import DOMAINS, HOSPITAL, PSEUDONYMS, SYSTEM, identifiers

OTHER = "http://other.example"
NUMBER = "4711007"
PATIENT = PSEUDONYMS.patient(Patient("hospital", NUMBER))
NAMELESS = Domains({}, HOSPITAL)


@pytest.mark.parametrize(
    ("kind", "code", "expected"),
    [
        ("ServiceRequest", "PLAC", "order"),
        ("DiagnosticReport", "", "order"),
        ("Specimen", "ACSN", "accession"),
        ("Specimen", "FILL", "sample"),
        ("Encounter", "", "visit"),
        ("Encounter", "AN", "account"),
        ("Practitioner", "MR", "clinician"),
        ("Device", "", "fhir Device"),
        ("Bundle", "", "message"),
    ],
)
def test_purpose(kind: str, code: str, expected: str) -> None:
    """What an identifier numbers is said by its resource or by its type, in one order."""
    assert purpose(kind, code) == expected


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, ""),
        ({"type": "MR"}, ""),
        ({"type": {"coding": [{"code": "MR"}]}}, "MR"),
        ({"type": {"coding": [{"display": "x"}, {"code": "AN"}], "text": "MR"}}, "AN"),
        ({"type": {"coding": "MR", "text": "PI"}}, "PI"),
    ],
)
def test_type_code(given: dict[str, Any], code: str) -> None:
    """The first code counts; where there is none, the text."""
    assert type_code(given) == code


@pytest.mark.parametrize(
    ("kind", "system", "code", "expected"),
    [
        ("Patient", SYSTEM, "", PATIENT),
        ("Person", SYSTEM, "SS", PATIENT),
        ("Coverage", SYSTEM, "MR", PATIENT),
        ("Patient", OTHER, "", None),
        ("Patient", "", "", None),
        ("Coverage", OTHER, "MR", None),
        ("Patient", SYSTEM, "AN", None),  # an account, which stands at the wrong place
        ("Encounter", SYSTEM, "", PSEUDONYMS.identifier("visit", NUMBER)),
        ("Encounter", OTHER, "", PSEUDONYMS.identifier("visit", NUMBER)),
        ("ServiceRequest", "", "ACSN", PSEUDONYMS.identifier("accession", NUMBER)),
    ],
)
def test_value(kind: str, system: str, code: str, expected: str | None) -> None:
    """A patient's number of a known domain gets the patient's pseudonym, of another one it goes."""
    assert identifiers().value(kind, system, NUMBER, code) == expected


def test_links_and_uids() -> None:
    """A URN, a URL and a DICOM UID as identifiers are those of references and of DICOM."""
    made = identifiers()
    assert made.value("ImagingStudy", "urn:dicom:uid", "1.2.99", "") == PSEUDONYMS.uid("1.2.99")
    assert made.value("ImagingStudy", "urn:dicom:uid", "urn:oid:1.2.99", "") == f"urn:oid:{PSEUDONYMS.uid('1.2.99')}"
    url = made.value("DocumentReference", "urn:ietf:rfc:3986", "http://his.example/Anna", "")
    assert url
    assert url.endswith(".invalid/" + PSEUDONYMS.identifier("url", "http://his.example/Anna"))
    assert made.value("DocumentReference", "urn:ietf:rfc:3986", "Anna", "") is None


@pytest.mark.parametrize("code", ["SS", "DL", "MC", "NI"])
def test_default_domain(code: str) -> None:
    """A number without a system is that of the default domain, but not one of another authority."""
    made = identifiers(domains=NAMELESS)
    assert made.patient("Patient", "", NUMBER, "") == Patient("hospital", NUMBER)
    assert made.patient("", "", NUMBER, "MR") == Patient("hospital", NUMBER)
    assert made.patient("Patient", "", NUMBER, code) is None
    assert made.patient("", "", NUMBER, "") is None
    assert made.patient("Patient", OTHER, NUMBER, "") is None


def test_known_patient() -> None:
    """An unknown authority is an error; what is no patient's number is none."""
    with pytest.raises(HeldBackError, match="no entry of `domains`"):
        identifiers().known_patient("Patient", OTHER, NUMBER, "")
    for kind, value, code in (("Patient", "", ""), ("Encounter", NUMBER, ""), *(("Patient", "1", c) for c in BY_CODE)):
        assert identifiers().known_patient(kind, SYSTEM, value, code) is None


def test_server() -> None:
    """The id of a server's patient counts if the domains say so."""
    with pytest.raises(HeldBackError):
        identifiers().patient_of_server(NUMBER)
    domains = Domains({("fhir", "Patient"): HOSPITAL})
    assert identifiers(domains=domains).patient_of_server(NUMBER) == Patient("hospital", NUMBER)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Patient?identifier={SYSTEM}|{NUMBER}", f"Patient?identifier=urn%3Aoid%3A1.2.3%7C{PATIENT}"),
        (f"Patient?identifier=urn%3Aoid%3A1.2.3%7C{NUMBER}", f"Patient?identifier=urn%3Aoid%3A1.2.3%7C{PATIENT}"),
        ("Encounter?identifier=V1", f"Encounter?identifier={PSEUDONYMS.identifier('visit', 'V1')}"),
    ],
)
def test_condition(text: str, expected: str) -> None:
    """A condition names the same resource afterwards."""
    assert identifiers().condition(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Patient?name=Quagmire", "Patient?identifier=", "Patient", "", "Patient/1", "Nobody?identifier=1|2",
        f"Patient?identifier={SYSTEM}|1&name=Quagmire", f"Patient?identifier={SYSTEM}|1,{SYSTEM}|2",
        f"Patient?identifier:of-type={SYSTEM}|MR|1", "Patient?identifier=|1", f"Patient?identifier={OTHER}|1",
        f"Patient?identifier={SYSTEM}%7C", "Encounter?identifier=http://x.org/a%5C|1",
        "Encounter?identifier=Quagmire|1", "Encounter?identifier=http://x.org/Quagmire|1",
        "Encounter?identifier=http%3A%2F%2Fx.org%2F%51uagmire%7C1", "Encounter?identifier=http://x.org/?Anna|1",
        "Encounter?identifier=Anna Test|1",
    ],
)  # fmt: skip
def test_no_condition(text: str) -> None:
    """Whatever else a query says is not kept: other parameters, several values, a system that names somebody."""
    assert identifiers().condition(text) is None


def test_condition_of_a_typed_identifier() -> None:
    """The identifier of a condition has the type that it has in the resource."""
    resource = {
        "resourceType": "ServiceRequest",
        "identifier": [{"system": OTHER, "value": "A1", "type": {"coding": [{"code": "ACSN"}]}}],
    }
    made = identifiers(resource).condition(f"ServiceRequest?identifier={OTHER}|A1")
    assert made
    assert made.endswith(PSEUDONYMS.identifier("accession", "A1"))
    assert DOMAINS.patient("fhir", (SYSTEM,), "A1").number == "A1"
