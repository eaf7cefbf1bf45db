"""Identifiers, names, addresses, telecoms, people and places."""

from collections.abc import Callable
from typing import Any

import pytest

from adapters.fhir import datatypes
from adapters.fhir.context import Options
from adapters.fhir.report import Reason
from adapters.fhir.systems import Systems
from tests.adapters.fhir.making import context

MR = {
    "coding": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/v2-0203",
            "code": "MR",
            "display": "Medical record number",
        }
    ]
}
OID = {"system": "urn:oid:1.2.3"}
CASES: list[tuple[Callable[..., Any], str, str, Any]] = [
    (
        datatypes.identifier,
        "7^^^HOSP&1.2.3&ISO^MR",
        "",
        {"type": MR, **OID, "value": "7", "assigner": {"display": "HOSP"}},
    ),
    (datatypes.identifier, "7^^^HOSP", "MR", {"type": MR, "value": "7", "assigner": {"display": "HOSP"}}),
    (
        datatypes.identifier,
        "7^^^KNOWN",
        "",
        {"system": "urn:oid:9.9.9", "value": "7", "assigner": {"display": "KNOWN"}},
    ),
    (datatypes.identifier, "7^^^^^HOSP", "", {"value": "7", "assigner": {"display": "HOSP"}}),
    (
        datatypes.identifier,
        "7^^^^ZZ^^20240101^2025",
        "",
        {"type": {"text": "ZZ"}, "value": "7", "period": {"start": "2024-01-01", "end": "2025"}},
    ),
    (datatypes.identifier, "^^^HOSP^MR", "", None),
    (datatypes.entity_identifier, "A1^LAB^1.2.3^ISO", "", {**OID, "value": "A1", "assigner": {"display": "LAB"}}),
    (datatypes.entity_identifier, "^LAB", "", None),
    (datatypes.typed_identifier, "D1^^20301231", "DL", {"value": "D1", "period": {"end": "2030-12-31"}}),
    (
        datatypes.human_name,
        "Test^Anna^Maria^Jr^Dr^MD^L",
        "",
        {"use": "official", "family": "Test", "given": ["Anna", "Maria"], "prefix": ["Dr"], "suffix": ["Jr", "MD"]},
    ),
    (datatypes.human_name, "Test^Anna^^^^^CURRENT", "", {"family": "Test", "given": ["Anna"]}),
    (datatypes.human_name, "^^^^^^L", "", None),
    (datatypes.maiden_name, "Old&&&&^Anna", "", "Old"),
    (
        datatypes.address,
        "Way 1&Way&1^Door 2^Town^ST^12345^DE^H^^County",
        "",
        {
            "use": "home",
            "line": ["Way 1", "Door 2"],
            "city": "Town",
            "district": "County",
            "state": "ST",
            "postalCode": "12345",
            "country": "DE",
        },
    ),
    (datatypes.address, "&Way&1^^Town", "", {"line": ["Way 1"], "city": "Town"}),
    (datatypes.address, "^^^^^^M", "", None),
    (datatypes.telecom, "555-1234", "home", [{"system": "phone", "value": "555-1234", "use": "home"}]),
    (datatypes.telecom, "^PRN^CP^^49^30^123^4", "", [{"system": "phone", "value": "+49 30 123 x4", "use": "mobile"}]),
    (datatypes.telecom, "^WPN^FX^^^^^^^^^030 1", "home", [{"system": "fax", "value": "030 1", "use": "work"}]),
    (datatypes.telecom, "^NET^Internet^a@b.example", "", [{"system": "email", "value": "a@b.example"}]),
    (datatypes.telecom, "", "", []),
    (datatypes.place_text, "Town^Land", "", {"text": "Town Land"}),
    (datatypes.practitioner, "9^Doe^Jim", "", {"identifier": {"value": "9"}, "display": "Jim Doe"}),
    (datatypes.practitioner, "^Doe^Jim", "", {"display": "Jim Doe"}),
    (datatypes.practitioner, "", "", None),
    (datatypes.organization, "Clinic", "", {"display": "Clinic"}),
    (datatypes.place, "W1^2^3^HOSP", "", {"display": "W1, 2, 3, HOSP"}),
    (datatypes.place, "^^", "", None),
    (datatypes.encounter_location, "W1", "reserved", {"location": {"display": "W1"}, "status": "reserved"}),
    (datatypes.discharged_to, "HOME^20240501", "", {"display": "HOME"}),
    (datatypes.principal, "9&Doe&Jim^20240501", "", {"identifier": {"value": "9"}, "display": "Jim Doe"}),
]


@pytest.mark.parametrize(("function", "raw", "argument", "expected"), CASES)
def test_value(function: Callable[..., Any], raw: str, argument: str, expected: Any) -> None:
    """One repetition of a field in HL7, and what it is in FHIR."""
    if function is datatypes.typed_identifier:
        expected = {"type": datatypes.identifier_type(argument, context()), **expected}
    assert expected == function(raw, context(Options(systems=Systems({"KNOWN": "urn:oid:9.9.9"}))), argument)


def test_surnames() -> None:
    """The parts of a surname are kept apart."""
    found = datatypes.human_name("van Test&van&Test&de&Other^Anna", context())
    assert found is not None
    assert ["van", "Test", "de", "Other"] == [each["valueString"] for each in found["_family"]["extension"]]


@pytest.mark.parametrize("function", [datatypes.practitioner, datatypes.organization])
def test_resource(function: Callable[..., Any]) -> None:
    """Somebody whose number has an authority is a resource, once."""
    there = context()
    raw = "9^Doe^Jim^^^^^^HOSP&1.2.3&ISO" if function is datatypes.practitioner else "Clinic^^9^^^HOSP&1.2.3&ISO"
    assert function(raw, there) == function(raw, there)
    (found,) = there.bundle
    assert ("urn:oid:1.2.3", "9") == found.natural


def test_participant() -> None:
    """A participant has a role; nobody is none."""
    found = datatypes.participant("9^Doe", context(), "ATND")
    assert found is not None
    assert "ATND" == found["type"][0]["coding"][0]["code"]
    assert None is datatypes.participant("", context(), "ATND")


def test_planned_location() -> None:
    """The place of a patient who is not there yet is planned."""
    there = context()
    there.patient_class = "P"
    found = datatypes.encounter_location("W1", there, "current")
    assert found is not None
    assert "planned" == found["status"]


PARTS = {
    datatypes.practitioner: ("9^Doe^^^^^^SRC^^L", ["8", "10"]),
    datatypes.organization: ("Clinic^L^9^8", ["2", "4"]),
    datatypes.place: ("W1^^^^OCC^N", ["5", "6"]),
}


@pytest.mark.parametrize(("function", "case"), PARTS.items())
def test_parts(function: Callable[..., Any], case: tuple[str, list[str]]) -> None:
    """Components without an element are reported."""
    there = context()
    function(case[0], there)
    assert case[1] == [each.place.rpartition(".")[2] for each in there.report]


def test_what_is_left_out() -> None:
    """A check digit, and a name type without a counterpart, are reported."""
    there = context()
    datatypes.identifier("7^8^M11", there)
    datatypes.human_name("A^B^^^^^CURRENT", there)
    assert [Reason.NO_ELEMENT, Reason.NO_ELEMENT, Reason.NOT_IN_TABLE] == [each.reason for each in there.report]


def test_period_in_reverse() -> None:
    """An end before the start is left out and reported."""
    using = context()
    assert {"start": "2024-05-02"} == datatypes.period("20240502", "20240501", using, "7")
    assert [Reason.OUT_OF_ORDER] == [each.reason for each in using.report]


STREETS = {
    "1000&Hospital Lane^Ste. 1": ["1000", "Hospital Lane", "Ste. 1"],
    "Way 1&Way&1": ["Way 1"],
    "&Way&1": ["Way 1"],
}


@pytest.mark.parametrize(("raw", "lines"), STREETS.items())
def test_street(raw: str, lines: list[str]) -> None:
    """Street, its name and the number of the house are lines, unless the first one has them."""
    made = datatypes.address(raw, context())
    assert made is not None
    assert lines == made["line"]


def test_telephone_for_a_time() -> None:
    """A telephone number may be valid for a time, and have a rank among others."""
    (made,) = datatypes.telecom("555^PRN^PH^^^^^^^^^^20240501^20240502^^^^2", context())
    assert (2, {"start": "2024-05-01", "end": "2024-05-02"}) == (made["rank"], made["period"])


RANGES = {"20240501&20240502": {"start": "2024-05-01", "end": "2024-05-02"}, "&20240502": {"end": "2024-05-02"},
          "20240502&20240501": {"start": "2024-05-02"}}  # fmt: skip


@pytest.mark.parametrize(("raw", "period"), RANGES.items())
def test_range_of_validity(raw: str, period: dict[str, str]) -> None:
    """The time for which a name or an address is valid may be one component."""
    name, address = (
        datatypes.human_name(f"Test^^^^^^^^^{raw}", context()),
        datatypes.address(f"A^^^^^^^^&W^^^{raw}", context()),
    )
    assert name is not None
    assert address is not None
    assert (period, period, "W") == (name["period"], address["period"], address["district"])


def test_name_of_a_practitioner() -> None:
    """A practitioner's name has its use, its time and the letters after it."""
    using = context()
    datatypes.practitioner("9^Doe^Jim^^^^^^H^L^^^^^^^^^20240501^20240502^MD", using)
    (found,) = using.bundle
    assert [{"family": "Doe", "given": ["Jim"], "suffix": ["MD"], "use": "official",
             "period": {"start": "2024-05-01", "end": "2024-05-02"}}] == found.body["name"]  # fmt: skip
