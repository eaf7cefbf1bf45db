"""When an order is to be carried out."""

from decimal import Decimal

import pytest

from adapters.fhir.report import Reason
from adapters.fhir.timing import old_timing, timing
from tests.adapters.fhir.making import PID, Json, context, fields, made, only, segment

BID = {"system": "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation", "code": "BID", "display": "BID"}
DAYS = {"value": Decimal(3), "unit": "d", "system": "http://unitsofmeasure.org", "code": "d"}
TQ1: dict[str, tuple[dict[int, str], Json | None, list[str]]] = {
    "nothing": ({1: "1"}, None, []),
    "a code": ({3: "BID"}, {"code": {"coding": [BID]}}, []),
    "a code of the sender": (
        {3: "Q5H&every five hours&L"},
        {"code": {"coding": [{"code": "Q5H", "display": "every five hours"}], "text": "every five hours"}},
        ["TQ1-3.3 no_system"],
    ),
    "two codes": ({3: "BID~TID"}, {"code": {"coding": [BID]}}, ["TQ1-3[2] repeated"]),
    "a period": ({3: "^^^^8^hr"}, {"repeat": {"period": Decimal(8), "periodUnit": "h"}}, []),
    "a period by the name of its unit": (
        {3: "^^^^8^X&Hour"},
        {"repeat": {"period": Decimal(8), "periodUnit": "h"}},
        [],
    ),
    "a period without a unit": ({3: "^^^^8"}, None, ["TQ1-3.5 no_element"]),
    "days of the week": ({3: "^DW^1^2"}, None, ["TQ1-3.2 no_element", "TQ1-3.3 no_element", "TQ1-3.4 no_element"]),
    "an event": ({3: "^^^^^^^AC^1^h"}, {"repeat": {"when": ["AC"], "offset": 60}}, []),
    "an unknown event": ({3: "^^^^^^^IC"}, None, ["TQ1-3.8 not_in_table"]),
    "an offset in another field": ({3: "^^^^^^^PC", 5: "30^min"}, {"repeat": {"when": ["PC"], "offset": 30}}, []),
    "an offset that is too large": (
        {3: "^^^^^^^PC", 5: "9999999999^min"},
        {"repeat": {"when": ["PC"]}},
        ["TQ1-5 no_element"],
    ),
    "two offsets": (
        {3: "^^^^^^^PC^1^h", 5: "30^min"},
        {"repeat": {"when": ["PC"], "offset": 60}},
        ["TQ1-5 no_element"],
    ),
    "an offset without an event": ({5: "30^min"}, None, ["TQ1-5 no_element"]),
    "an offset of half a minute": ({3: "^^^^^^^AC^.5^min"}, {"repeat": {"when": ["AC"]}}, ["TQ1-3.9 no_element"]),
    "times of the day": ({4: "0800~14:30:05"}, {"repeat": {"timeOfDay": ["08:00:00", "14:30:05"]}}, []),
    "a time that is none": ({4: "0800~noon"}, {"repeat": {"timeOfDay": ["08:00:00"]}}, ["TQ1-4 no_element"]),
    "times beside an event": ({3: "^^^^^^^AC", 4: "0800"}, {"repeat": {"when": ["AC"]}}, ["TQ1-4 no_element"]),
    "start and end": (
        {7: "20240501", 8: "20240503"},
        {"repeat": {"boundsPeriod": {"start": "2024-05-01", "end": "2024-05-03"}}},
        [],
    ),
    "an end before the start": (
        {7: "20240503", 8: "20240501"},
        {"repeat": {"boundsPeriod": {"start": "2024-05-03"}}},
        ["TQ1-8 out_of_order"],
    ),
    "a length": ({6: "3^d&day"}, {"repeat": {"boundsDuration": DAYS}}, []),
    "a length beside a start": (
        {6: "3^d", 7: "20240501"},
        {"repeat": {"boundsPeriod": {"start": "2024-05-01"}}},
        ["TQ1-6 no_element"],
    ),
    "a length that is none": ({6: "3^furlong"}, None, ["TQ1-6 no_element"]),
    "how long each time": ({13: "15^min"}, {"repeat": {"duration": Decimal(15), "durationUnit": "min"}}, []),
    "a negative length": ({13: "-5^min"}, None, ["TQ1-13 no_element"]),
    "how often": ({14: "10"}, {"repeat": {"count": 10}}, []),
    "how often, no number": ({14: "ten"}, None, ["TQ1-14 unreadable"]),
    "deleted": ({3: '""', 7: '""', 14: '""'}, None, []),
}


@pytest.mark.parametrize(("values", "expected", "left"), TQ1.values(), ids=TQ1)
def test_timing(values: dict[int, str], expected: Json | None, left: list[str]) -> None:
    """A TQ1 becomes a Timing; what does not fit is reported."""
    there = context()
    assert expected == timing(segment(fields("TQ1", values)), there)
    assert left == [f"{each.place} {each.reason}" for each in there.report]


TQ: dict[str, tuple[str, Json | None, list[str]]] = {
    "nothing": ("^^^^^R", None, []),
    "a code": ("1^BID", {"code": {"coding": [BID]}}, []),
    "a code with times": (
        "^BID&0800,2000",
        {"code": {"coding": [BID]}, "repeat": {"timeOfDay": ["08:00:00", "20:00:00"]}},
        [],
    ),
    "a length": ("^^D3", {"repeat": {"boundsDuration": DAYS}}, []),
    "a length beside a start": (
        "^^D3^20240501",
        {"repeat": {"boundsPeriod": {"start": "2024-05-01"}}},
        ["3 no_element"],
    ),
    "a length that is none": ("^^INDEF", None, ["3 no_element"]),
    "start and end": (
        "^^^20240501^20240503",
        {"repeat": {"boundsPeriod": {"start": "2024-05-01", "end": "2024-05-03"}}},
        [],
    ),
    "how often": ("^^^^^^^^^^^5", {"repeat": {"count": 5}}, []),
    "a condition": ("^^^^^^if needed", None, ["7 no_element"]),
}


@pytest.mark.parametrize(("raw", "expected", "left"), TQ.values(), ids=TQ)
def test_old_timing(raw: str, expected: Json | None, left: list[str]) -> None:
    """A TQ becomes a Timing."""
    there = context()
    assert expected == old_timing(raw, there)
    assert left == [f"{each.place.rpartition('.')[2]} {each.reason}" for each in there.report]


def order(orc: dict[int, str], obr: dict[int, str], *more: str) -> tuple[Json, set[str]]:
    """Return the order of a message, and which of the fields of its timing are reported."""
    segments = (fields("ORC", {1: "NW", 2: "P1"} | orc), *more, fields("OBR", {4: "1^x^LN"} | obr))
    found = made(PID, *segments, kind="ORM^O01")
    return only(found, "ServiceRequest"), {f"{each.place} {each.reason}" for each in found.report}


def test_parts_of_tq() -> None:
    """A TQ has quantity, priority and text besides the timing."""
    found, left = order({7: "2&mL^BID^^^^S^pain^slowly~3"}, {})
    assert (2, "stat", [{"text": "slowly"}]) == (found["quantityQuantity"]["value"], found["priority"], found["note"])
    assert {"text": "pain"} == found["asNeededCodeableConcept"]
    assert {"ORC-7 repeated"} == left


def test_the_same_twice() -> None:
    """OBR-27 repeats ORC-7 in most messages; another one is reported."""
    assert set() == order({7: "^^^20240501"}, {27: "^^^20240501"})[1]
    assert {"OBR-27 not_mapped"} == order({7: "^^^20240501"}, {27: "^^^20240502"})[1]


def test_obr_27() -> None:
    """Without ORC-7 the timing is that of OBR-27; a deleted one says nothing."""
    assert "2024-05-01" == order({}, {27: "^^^20240501"})[0]["occurrenceTiming"]["repeat"]["boundsPeriod"]["start"]
    assert "occurrenceTiming" not in order({}, {27: '""'})[0]


def test_condition() -> None:
    """The condition in TQ1-10 says when the service is needed."""
    found, left = order({}, {}, "TQ1|1|||||||||pain")
    assert ({"text": "pain"}, set()) == (found["asNeededCodeableConcept"], left)


def test_tq1_over_tq() -> None:
    """TQ1 counts, where both are there, and a time in OBR-6 is reported then."""
    found, left = order({7: "^^^20240501"}, {6: "20240503"}, "TQ1|1||||||20240502")
    assert "2024-05-02" == found["occurrenceTiming"]["repeat"]["boundsPeriod"]["start"]
    assert "occurrenceDateTime" not in found
    assert {"ORC-7 not_mapped", f"OBR-6 {Reason.REPEATED}"} == left
