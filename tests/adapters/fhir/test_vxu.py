"""Vaccinations."""

from typing import Any

import pytest

from adapters.fhir.adt import NO_PATIENT, NO_PATIENT_ID
from adapters.fhir.convert import convert
from adapters.fhir.report import LeftOut, Reason
from tests.adapters.fhir.making import BERLIN, PID, PV1, Json, made, message, only, resources

ORC = "ORC|RE|P1^H|F1^H"
RXA = "RXA|0|1|20240501||115^Tdap^CVX|0.5|mL^^UCUM"


def rxa(**fields: str) -> str:
    """Return an RXA with these fields: ``f20="CP"``."""
    found = ["RXA", "0", "1", "20240501", "", "115^Tdap^CVX", "0.5", "mL^^UCUM", *[""] * 20]
    for name, value in fields.items():
        found[int(name[1:])] = value
    return "|".join(found)


def vaccination(*segments: str) -> Json:
    """Return the vaccination of a message."""
    return only(made(PID, *segments, kind="VXU^V04"), "Immunization")


def obx(code: str, value: str, kind: str = "CE", sub: str = "1") -> str:
    """Return an OBX with a LOINC code."""
    return f"OBX|1|{kind}|{code}^x^LN|{sub}|{value}||||||F|||20240502"


STATUSES = {
    "complete": ({"f20": "CP"}, "completed"),
    "empty": ({}, "completed"),
    "refused": ({"f20": "RE"}, "not-done"),
    "not given": ({"f20": "NA"}, "not-done"),
    "a reason of a refusal": ({"f18": "00^Parental decision^NIP002"}, "not-done"),
    "partly": ({"f20": "PA"}, "completed"),
    "deleted": ({"f20": "CP", "f21": "D"}, "entered-in-error"),
    "no code": ({"f20": "ZZ"}, "completed"),
}


@pytest.mark.parametrize(("fields", "status"), STATUSES.values(), ids=STATUSES)
def test_status(fields: dict[str, str], status: str) -> None:
    """The status follows from RXA-20, RXA-18 and RXA-21."""
    assert status == vaccination(ORC, rxa(**fields))["status"]


def test_status_that_is_no_code() -> None:
    """A completion status that HL7 does not have is reported."""
    assert LeftOut("RXA-20", Reason.NOT_IN_TABLE) in made(PID, ORC, rxa(f20="ZZ"), kind="VXU^V04").report


def test_partial_dose() -> None:
    """A partly given dose is not potent, for that reason."""
    found = vaccination(ORC, rxa(f20="PA"))
    assert (True, "partialdose") == (found["isSubpotent"], found["subpotentReason"][0]["coding"][0]["code"])


def test_reason() -> None:
    """The reason of a refusal is kept."""
    assert "allergy" == vaccination(ORC, rxa(f18="^allergy"))["statusReason"]["text"]


DOSES: dict[str, tuple[dict[str, str], Json | None]] = {
    "an amount": ({}, {"value": 0.5, "unit": "mL", "system": "http://unitsofmeasure.org", "code": "mL"}),
    "not known": ({"f6": "999"}, None),
    "none": ({"f6": ""}, None),
    "a text": ({"f6": "half"}, None),
}


@pytest.mark.parametrize(("fields", "dose"), DOSES.values(), ids=DOSES)
def test_dose(fields: dict[str, str], dose: Json | None) -> None:
    """An amount of 999 is not known."""
    assert dose == vaccination(ORC, rxa(**fields)).get("doseQuantity")


def test_deleted_dose() -> None:
    """An amount that the sender deletes is cleared."""
    (found,) = (each for each in made(PID, ORC, rxa(f6='""'), kind="VXU^V04").bundle if each.kind == "Immunization")
    assert "doseQuantity" in found.clears


SOURCES: dict[str, tuple[str, Any, Any, Any]] = {
    "the giver": ("00^New^NIP001", True, None, None),
    "history": ("01^Historical^NIP001", False, "Historical", None),
    "a note": ("^given at home~00", True, None, "given at home"),
    "nothing": ("", None, None, None),
}


@pytest.mark.parametrize(("raw", "primary", "origin", "note"), SOURCES.values(), ids=SOURCES)
def test_source(raw: str, primary: Any, origin: Any, note: Any) -> None:
    """RXA-9 says who says so; what has no code is a note."""
    found = vaccination(ORC, rxa(f9=raw))
    assert (primary, origin, note) == (
        found.get("primarySource"),
        found.get("reportOrigin", {}).get("text"),
        found.get("note", [{}])[0].get("text"),
    )


KEYS = {
    "the filler's number": ("ORC|RE|P1|F1", "ORC|RE|P2|F1", True),
    "without the filler's the placer's": ("ORC|RE|P1", "ORC|RE|P1", True),
    "the number of those who have none": ("ORC|RE|P1|9999", "ORC|RE|P2|9999", False),
    "patient, vaccine and day": ("ORC|RE", "ORC|RE||9999", True),
}


@pytest.mark.parametrize(("one", "other", "is_same"), KEYS.values(), ids=KEYS)
def test_key(one: str, other: str, is_same: bool) -> None:
    """A vaccination is found again by its number, or by patient, vaccine and day."""
    urls = [
        each.url
        for orc in (one, other)
        for each in made(PID, orc, RXA, kind="VXU^V04").bundle
        if each.kind == "Immunization"
    ]
    assert is_same == (urls[0] == urls[1])


@pytest.mark.parametrize(("segments", "reason"), [((RXA,), Reason.KEYED_BY_START), (("RXA|0|1",), Reason.NO_KEY)])
def test_without_number(segments: tuple[str, ...], reason: Reason) -> None:
    """A vaccination without a number is reported; without vaccine and day too it is left out."""
    assert LeftOut("RXA-5", reason) in made(PID, *segments, kind="VXU^V04").report


def test_required() -> None:
    """R4 demands a vaccine and a time: what is not sent is unknown, and the message does not own it."""
    (found,) = (each for each in made(PID, ORC, "RXA|0|1", kind="VXU^V04").bundle if each.kind == "Immunization")
    assert ("unknown", "unknown") == (found.body["vaccineCode"]["text"], found.body["occurrenceString"])
    assert {"vaccineCode", "occurrence[x]"}.isdisjoint(found.owns)


def test_no_vaccine() -> None:
    """CVX 998 is no vaccination; its observations are about the patient."""
    found = made(PID, ORC, "RXA|0|1|20240501||998^none^CVX|999", obx("59784-9", "D1^Immune"), kind="VXU^V04")
    assert [] == resources(found, "Immunization")
    assert "partOf" not in only(found, "Observation")


def test_two_vaccines() -> None:
    """Two RXA of one order are two vaccinations."""
    found = made(PID, ORC, RXA, RXA.replace("115^", "03^"), kind="VXU^V04")
    assert 2 == len(resources(found, "Immunization"))


def test_funding() -> None:
    """Who pays, and whether the patient may have it, are elements of the vaccination."""
    found = made(PID, ORC, RXA, obx("64994-7", "V02^Medicaid"), obx("30963-3", "VXC50^Public"), kind="VXU^V04")
    body = only(found, "Immunization")
    assert ("Medicaid", "Public") == (body["programEligibility"][0]["text"], body["fundingSource"]["text"])
    assert [] == resources(found, "Observation")


def test_documents() -> None:
    """What was handed out is told apart by OBX-4; dates without a document are no education (imm-1)."""
    found = vaccination(ORC, RXA, obx("30956-7", "115^Tdap", sub="2"), obx("29768-9", "20240101", "DT", "2"),
                        obx("29769-7", "20240501", "DT", "2"), obx("69764-9", "253^Td VIS", sub="3"),
                        obx("29769-7", "20240501", "DT", "4"))  # fmt: skip
    expected = [
        {"documentType": "Tdap", "publicationDate": "2024-01-01", "presentationDate": "2024-05-01"},
        {"documentType": "Td VIS"},
    ]
    assert expected == found["education"]


def test_reaction() -> None:
    """An observation of a reaction is linked from the vaccination, and belongs to it."""
    found = made(PID, ORC, RXA, obx("31044-1", "fever^fever"), obx("8302-2", "80", "NM"), kind="VXU^V04")
    (immunization,) = (each for each in found.bundle if each.kind == "Immunization")
    observations = [each for each in found.bundle if each.kind == "Observation"]
    assert [{"detail": observations[0].reference, "date": "2024-05-02"}] == immunization.body["reaction"]
    assert [[immunization.reference]] * 2 == [each.body["partOf"] for each in observations]


def test_document() -> None:
    """An attached document is no part of the vaccination, which R4 has no element for."""
    found = made(PID, ORC, RXA, "OBX|1|ED|1^x^LN|1|^TEXT^^Base64^QQ==||||||F", kind="VXU^V04")
    assert "partOf" not in only(found, "DocumentReference")


def test_people_and_places() -> None:
    """Who ordered and who gave it have their roles; route, site, place, maker and lot are there."""
    found = vaccination(ORC + "|" * 9 + "1^Ash", rxa(f10="2^Birch", f11="^^^Clinic", f15="L1", f16="20250101",
                        f17="PMC^Sanofi^MVX"), "RXR|IM|LD^Left Deltoid^HL70163")  # fmt: skip
    roles = {each["function"]["coding"][0]["code"]: each["actor"]["display"] for each in found["performer"]}
    assert {"AP": "Birch", "OP": "Ash"} == roles
    assert ("Clinic", "L1", "2025-01-01", "Sanofi", "IM", "LD") == (
        found["location"]["display"],
        found["lotNumber"],
        found["expirationDate"],
        found["manufacturer"]["display"],
        found["route"]["coding"][0]["code"],
        found["site"]["coding"][0]["code"],
    )


def test_patient() -> None:
    """A registry gets the patient's data by this message: it owns them, but not the visit's."""
    found = {each.kind: each for each in made(PID, PV1, ORC, RXA, kind="VXU^V04").bundle}
    assert ("name" in found["Patient"].owns, set()) == (True, found["Encounter"].owns)
    assert found["Encounter"].reference == found["Immunization"].body["encounter"]


def test_observation_of_the_patient() -> None:
    """An OBX before the first order is about the patient."""
    found = made(PID, obx("8302-2", "80", "NM"), ORC, RXA, kind="VXU^V04")
    assert "partOf" not in only(found, "Observation")


@pytest.mark.parametrize(("segment", "expected"), [("PV1|1", NO_PATIENT), ("PID|1", NO_PATIENT_ID)])
def test_refused(segment: str, expected: object) -> None:
    """A message without a patient that can be found again is refused."""
    assert expected == convert(message(segment, ORC, RXA, kind="VXU^V04"), BERLIN)
