"""Specimens."""

from typing import Any

import pytest

from adapters.fhir.report import Reason
from tests.adapters.fhir.making import PID, Json, fields, made, only, resources

OBR = "OBR|1|P1^^^H|F1|24323-8^Panel^LN|||20240501101500"
OBX = "OBX|1|NM|1^x^LN||5||||||"


def specimen(*segments: str) -> tuple[Json, set[tuple[str, str]]]:
    """Return the only specimen of a result, and what is left out of it."""
    found = made(PID, *segments, kind="ORU^R01")
    return only(found, "Specimen"), {(each.place, each.reason) for each in found.report}


def test_specimen() -> None:
    """A specimen may come before or after its observations."""
    spm = "SPM|1|S1&H^S2&H||BLD^Blood^HL70487"
    for segments in ((OBR, spm, OBX + "F"), (OBR, OBX + "F", spm)):
        found = made(PID, *segments, kind="ORU^R01")
        assert ["S1", "S2"] == [each["value"] for each in only(found, "Specimen")["identifier"][:2]]
        assert only(found, "Observation")["specimen"] == only(found, "DiagnosticReport")["specimen"][0]


def test_equal_specimens() -> None:
    """Two orders of one specimen share it; two specimens of one order leave its observations without."""
    spm = "SPM|1|S1&H"
    assert 1 == len(resources(made(PID, OBR, spm, OBR.replace("F1", "F2"), spm, kind="ORU^R01"), "Specimen"))
    assert "specimen" not in only(made(PID, OBR, spm, "SPM|2", OBX + "F", kind="ORU^R01"), "Observation")


def test_source_in_obr() -> None:
    """Before HL7 2.5 the specimen is in OBR-15."""
    found, _ = specimen(OBR + "|" * 8 + "BLD&Blood")
    assert "BLD" == found["type"]["coding"][0]["code"]


SOURCE: dict[str, tuple[dict[int, str], Any]] = {
    "kind, additive, text and site": (
        {15: "BLD^EDTA&Edetate^from a line^LA&left arm"},
        {
            "container": [
                {"additiveCodeableConcept": {"coding": [{"code": "EDTA", "display": "Edetate"}], "text": "Edetate"}}
            ],
            "note": [{"text": "from a line"}],
            "collection": {"bodySite": {"coding": [{"code": "LA", "display": "left arm"}], "text": "left arm"}},
        },
    ),
    "collected": ({7: "20240501", 15: "BLD"}, {"collection": {"collectedDateTime": "2024-05-01"}}),
    "collected in a period": (
        {7: "20240501", 8: "20240502", 15: "BLD"},
        {"collection": {"collectedPeriod": {"start": "2024-05-01", "end": "2024-05-02"}}},
    ),
    "an end only": ({7: '""', 8: "20240502", 15: "BLD"}, {"collection": {"collectedPeriod": {"end": "2024-05-02"}}}),
    "how much": (
        {9: "5^mL", 15: "BLD"},
        {"collection": {"quantity": {"value": 5, "unit": "mL", "system": "http://unitsofmeasure.org", "code": "mL"}}},
    ),
    "collector": ({10: "^Doe^Jim", 15: "BLD"}, {"collection": {"collector": {"display": "Jim Doe"}}}),
    "received": ({14: "20240503", 15: "BLD"}, {"receivedTime": "2024-05-03"}),
    "comment": ({15: "BLD", 39: "^cloudy"}, {"note": [{"text": "cloudy"}]}),
}


@pytest.mark.parametrize(("values", "expected"), SOURCE.values(), ids=SOURCE)
def test_source(values: dict[int, str], expected: Any) -> None:
    """Fields of OBR say more of the specimen in OBR-15."""
    found, _ = specimen(fields("OBR", {2: "P1", 4: "1^x^LN"} | values))
    assert {**found, **expected} == found


@pytest.mark.parametrize("source", ["^EDTA", '""', "&"])
def test_no_source(source: str) -> None:
    """Without a kind there is no specimen."""
    assert [] == resources(made(PID, OBR + "|" * 8 + source, kind="ORU^R01"), "Specimen")


SPM: dict[str, tuple[dict[int, str], Any]] = {
    "available": ({20: "Y"}, {"status": "available"}),
    "not available": ({20: "N"}, {"status": "unavailable"}),
    "collected": (
        {17: "20240501^20240502"},
        {"collection": {"collectedPeriod": {"start": "2024-05-01", "end": "2024-05-02"}}},
    ),
    "collected at once": ({17: "20240501"}, {"collection": {"collectedDateTime": "2024-05-01"}}),
    "container": (
        {6: "EDTK", 27: "^Tube"},
        {
            "container": [
                {
                    "additiveCodeableConcept": {
                        "coding": [
                            {
                                "system": "http://terminology.hl7.org/CodeSystem/v2-0371",
                                "code": "EDTK",
                                "display": "Potassium/K EDTA",
                            }
                        ]
                    },
                    "type": {"text": "Tube"},
                }
            ]
        },
    ),
    "part of another one": (
        {3: "P8&HIS^F8&LAB"},
        {"parent": [{"type": "Specimen", "identifier": {"value": "F8", "assigner": {"display": "LAB"}}}]},
    ),
    "part of none": ({3: '""'}, {}),
}


@pytest.mark.parametrize(("values", "expected"), SPM.values(), ids=SPM)
def test_field(values: dict[int, str], expected: Any) -> None:
    """A field of SPM is carried to its element."""
    found, left = specimen(OBR, fields("SPM", {1: "1", 2: "S1&H"} | values))
    assert {**found, **expected} == found
    assert set() == left


def test_less_than() -> None:
    """The amount of a specimen has no comparator (R4 sqty-1): it is left out, and reported."""
    found, left = specimen(OBR, fields("SPM", {2: "S1&H", 12: "<5^mL"}))
    assert "quantity" not in found["collection"]
    assert {("SPM-12", Reason.NO_ELEMENT)} == left


def test_order_and_specimen() -> None:
    """OBR says more of the specimen in SPM, and does not change what SPM says."""
    obr = fields("OBR", {2: "P1", 4: "1^x^LN", 7: "20240501", 8: "20240502", 10: "^Doe^Jim", 14: "20240503"})
    found, _ = specimen(obr, fields("SPM", {2: "S1&H", 17: "20240430"}))
    assert {"collectedDateTime": "2024-04-30", "collector": {"display": "Jim Doe"}} == found["collection"]
    assert "2024-05-03" == found["receivedTime"]
    assert {"start", "end"} == specimen(obr, "SPM|1|S1&H")[0]["collection"]["collectedPeriod"].keys()


def test_range_that_ends_before() -> None:
    """An end before the start is left out, and reported."""
    found, left = specimen(OBR, fields("SPM", {2: "S1&H", 17: "20240502^20240501"}))
    assert {"collectedPeriod": {"start": "2024-05-02"}} == found["collection"]
    assert {("SPM-17.2", Reason.OUT_OF_ORDER)} == left


def test_parent_in_the_message() -> None:
    """A specimen that is a part of one in the message refers to it."""
    found = made(PID, OBR, "SPM|1|S1&H", "SPM|2|S2&H|S1&H~S9&H", kind="ORU^R01")
    first, second = [each for each in found.bundle if each.kind == "Specimen"]
    assert [first.reference, "S9"] == [
        second.body["parent"][0],
        second.body["parent"][1]["identifier"]["value"],
    ]


def test_containers() -> None:
    """What SPM and the first SAC say is about one container; the next SAC has another one."""
    sac = ["SAC|||B1^LAB", "SAC|||B2^LAB", "SAC|||B2^LAB"]
    found = made(PID, "ORC|NW|P1", OBR, fields("SPM", {2: "S1&H", 27: "^Tube"}), *sac, kind="OML^O21")
    first, second = only(found, "Specimen")["container"]
    assert ({"identifier", "type"}, {"identifier"}) == (first.keys(), second.keys())


def test_no_number() -> None:
    """A specimen without a number belongs to its report."""
    found, _ = specimen(OBR, "SPM|1|||BLD")
    assert ["urn:ietf:rfc:3986"] == [each["system"] for each in found["identifier"]]


SAC: dict[str, tuple[dict[int, str], Any, set[str]]] = {
    "volumes": (
        {3: "B1", 21: "10", 22: "5.0", 24: "mL"},
        {"capacity": {"value": 10, "unit": "mL", "system": "http://unitsofmeasure.org", "code": "mL"}},
        set(),
    ),
    "a volume without a unit": ({21: "10"}, {"capacity": {"value": 10}}, set()),
    "less than": ({3: "B1", 22: "<5", 24: "mL"}, {}, {"SAC-22", "SAC-24"}),
    "no number": ({3: "B1", 21: "much"}, {}, {"SAC-21"}),
}


@pytest.mark.parametrize(("values", "expected", "left"), SAC.values(), ids=SAC)
def test_volume(values: dict[int, str], expected: Any, left: set[str]) -> None:
    """SAC says how much the container holds, and how much is in it."""
    found = made(PID, "ORC|NW|P1", OBR, "SPM|1|S1&H", fields("SAC", values), kind="OML^O21")
    (container,) = only(found, "Specimen")["container"]
    assert {**container, **expected} == container
    assert left == {each.place for each in found.report if each.place.startswith("SAC")}


def test_accession() -> None:
    """The accession number is one of the specimen."""
    found = made(PID, "ORC|NW|P1", OBR, "SPM|1|S1&H", "SAC||A1^LAB", kind="OML^O21")
    assert "A1" == only(found, "Specimen")["accessionIdentifier"]["value"]
