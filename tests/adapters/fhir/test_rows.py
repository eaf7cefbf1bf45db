"""Rows of tables, applied to segments."""

from typing import Any

import pytest

from adapters.fhir.bundle import Resource
from adapters.fhir.context import Options
from adapters.fhir.report import LeftOut, Reason
from adapters.fhir.rows import apply, fill
from adapters.fhir.systems import TERMINOLOGY
from tests.adapters.fhir.making import BERLIN, PID, PV1, Json, context, fields, made, only, segment


def applied(text: str, table: str = "PID-Patient", options: Options = BERLIN) -> tuple[Resource, list[str]]:
    """Return the resource of a segment, and the reasons of what is left out."""
    there, found = context(options), Resource("Patient", (), "", {})
    apply(table, segment(text), found, there)
    return found, [each.reason for each in there.report]


def pid(number: int, value: str) -> str:
    """Return a PID with one field."""
    return "PID" + "|" * number + value


FIELDS: dict[str, tuple[str, Json, list[str]]] = {
    "birth date": (pid(7, "19800315"), {"birthDate": "1980-03-15"}, []),
    "sex": (pid(8, "F"), {"gender": "female"}, []),
    "birth order": (pid(25, "2"), {"multipleBirthInteger": 2}, []),
    "no birth order": (pid(25, "first"), {}, [Reason.UNREADABLE]),
    "multiple birth": (pid(24, "Y"), {"multipleBirthBoolean": True}, []),
    "birth order over multiple birth": ("PID" + "|" * 24 + "Y|2", {"multipleBirthInteger": 2}, []),
    "dead": (pid(30, "true"), {"deceasedBoolean": True}, []),
    "not known whether dead": (pid(30, "UNK"), {}, [Reason.NOT_IN_TABLE]),
    "death over indicator": ("PID" + "|" * 29 + "2024|Y", {"deceasedDateTime": "2024"}, []),
    "two sexes": (pid(8, "F~M"), {"gender": "female"}, [Reason.REPEATED]),
    "two aliases": (pid(9, "A~B"), {"name": [{"family": "A"}, {"family": "B"}]}, []),
    "the same twice": (pid(9, "A~A"), {"name": [{"family": "A"}]}, []),
}


@pytest.mark.parametrize(("text", "body", "reasons"), FIELDS.values(), ids=FIELDS)
def test_field(text: str, body: Json, reasons: list[str]) -> None:
    """A field is carried to its element; the message owns that element."""
    found, left = applied(text)
    assert (body, reasons) == (found.body, left)
    assert bool(body) == bool(found.owns)


BIRTHS: dict[str, tuple[Options, Any, list[str]]] = {
    "198003151530": (BERLIN, "1980-03-15T15:30:00+01:00", []),
    "19800315": (BERLIN, None, []),
    "19800315153000": (Options(), None, [Reason.NO_TIME_ZONE]),
    "1980031515": (BERLIN, None, [Reason.NOT_WHOLE]),
}


@pytest.mark.parametrize(("raw", "case"), BIRTHS.items())
def test_time_of_birth(raw: str, case: tuple[Options, Any, list[str]]) -> None:
    """The date of birth is never shifted; the time is beside it if its zone is known."""
    options, expected, reasons = case
    found, left = applied(pid(7, raw), options=options)
    assert ("1980-03-15", reasons) == (found.body["birthDate"], left)
    extensions = found.body.get("_birthDate", {}).get("extension", [{}])
    assert expected == extensions[0].get("valueDateTime")


def test_null() -> None:
    """An element that the sender deletes is cleared."""
    found, _ = applied(pid(7, '""'))
    assert ({}, {"birthDate", "_birthDate.extension(http://hl7.org/fhir/StructureDefinition/patient-birthTime)"}) == (
        found.body,
        found.clears,
    )


def test_set_ids_are_read() -> None:
    """A field that is not carried on purpose is not reported."""
    pid_1 = segment("PID|1")
    fill("PID-Patient", pid_1, {}, context())
    assert [] == list(pid_1.unread())


OBX: dict[str, tuple[str, Json]] = {
    "producer": (
        "OBX" + "|" * 15 + "99D^Lab^CLIA",
        {"performer": [{"identifier": {"value": "99D"}, "display": "Lab"}]},
    ),
    "device": ("OBX" + "|" * 18 + "DEV1", {"device": {"identifier": {"value": "DEV1"}}}),
}


@pytest.mark.parametrize(("text", "body"), OBX.values(), ids=OBX)
def test_logical_references(text: str, body: Json) -> None:
    """A device, and the producer of a result, are references by identifier."""
    assert body == applied(text, "OBX-Observation")[0].body


def test_specimen() -> None:
    """Notes and a range have their forms."""
    found, _ = applied("SPM" + "|" * 14 + "cloudy|||20240501^20240502", "SPM-Specimen")
    assert {
        "note": [{"text": "cloudy"}],
        "collection": {"collectedPeriod": {"start": "2024-05-01", "end": "2024-05-02"}},
    } == found.body
    assert {"note", "collection.collected[x]"} == found.owns


def test_nested_extension() -> None:
    """An extension in an extension holds a concept."""
    found, _ = applied(pid(28, "DE"))
    assert "code" == found.body["extension"][0]["extension"][0]["url"]


def test_report() -> None:
    """The issued time of a report is left out if it is not whole."""
    assert ({}, [Reason.NOT_WHOLE]) == (
        applied("OBR" + "|" * 22 + "202405011015", "OBR-DiagnosticReport")[0].body,
        applied("OBR" + "|" * 22 + "202405011015", "OBR-DiagnosticReport")[1],
    )


def test_end_before_the_start() -> None:
    """R4 takes no end before the start: the start is used, which is reported."""
    found = made(PID, PV1 + "|" * 25 + "20240502|20240501")
    (encounter,) = (each for each in found.bundle if each.kind == "Encounter")
    assert ({"start": "2024-05-02"}, False) == (encounter.body["period"], "period.end" in encounter.owns)
    assert ("PV1-45", Reason.OUT_OF_ORDER) in {(each.place, each.reason) for each in found.report}


LOST = {
    "another requester": ("OBR|1|P1||1^x" + "|" * 12 + "^Roe", ["OBR-16"]),
    "the same requester": ("OBR|1|P1||1^x" + "|" * 12 + "^Doe", []),
}


@pytest.mark.parametrize(("obr", "places"), LOST.values(), ids=LOST)
def test_second_field(obr: str, places: list[str]) -> None:
    """Where two fields say different things of one element, the second one is reported."""
    found = made(PID, "ORC|NW|P1" + "|" * 10 + "^Doe", obr, kind="ORM^O01")
    assert places == [each.place for each in found.report if each.reason is Reason.REPEATED]


WORDS = {"P^Pacemaker^L": [{"text": "Pacemaker"}], "pacemaker": [{"text": "pacemaker"}], "^^L": None}


@pytest.mark.parametrize(("raw", "expected"), WORDS.items())
def test_words(raw: str, expected: Any) -> None:
    """The words of a code are a comment."""
    assert expected == applied("OBR" + "|" * 13 + raw, "OBR-ServiceRequest")[0].body.get("note")


ORDERS: dict[str, tuple[str, str, Json, list[str]]] = {
    "a way through a list": (
        "RXR|^by mouth|^left arm",
        "RXR-MedicationRequest",
        {"dosageInstruction": [{"route": {"text": "by mouth"}, "site": {"text": "left arm"}}]},
        [],
    ),
    "a second value there": (
        "RXR|^by mouth~^by tube",
        "RXR-MedicationRequest",
        {"dosageInstruction": [{"route": {"text": "by mouth"}}]},
        [Reason.REPEATED],
    ),
    "no refills": (
        "RXE" + "|" * 12 + "0",
        "RXE-MedicationRequest",
        {"dispenseRequest": {"numberOfRepeatsAllowed": 0}},
        [],
    ),
    "refills that are no number": ("RXE" + "|" * 12 + "some", "RXE-MedicationRequest", {}, [Reason.UNREADABLE]),
    "a remark": ("RXE" + "|" * 21 + "C^in glass", "RXE-MedicationRequest", {"note": [{"text": "in glass"}]}, []),
    "a remark that is a code": (
        "RXE" + "|" * 21 + "1^^LN",
        "RXE-MedicationRequest",
        {"note": [{"text": "1"}]},
        [],
    ),
    "no remark": ("RXE" + "|" * 21 + "^^LN", "RXE-MedicationRequest", {}, []),
    "who did it": (
        "RXA" + "|" * 10 + "1^Ash",
        "RXA-MedicationAdministration",
        {
            "performer": [
                {
                    "function": {"coding": [{"system": f"{TERMINOLOGY}v2-0443", "code": "AP"}]},
                    "actor": {"identifier": {"value": "1"}, "display": "Ash"},
                }
            ]
        },
        [],
    ),
}


@pytest.mark.parametrize(("text", "table", "body", "reasons"), ORDERS.values(), ids=ORDERS)
def test_orders(text: str, table: str, body: Json, reasons: list[str]) -> None:
    """Values of pharmacy segments are carried to their elements, also to those in a list."""
    found, left = applied(text, table)
    assert (body, reasons) == (found.body, left)


def test_second_value_in_an_item() -> None:
    """The same holds below the first item of a list."""
    there, found = context(), Resource("MedicationDispense", (), "", {})
    for route in ("PO", "IV"):
        apply("RXR-MedicationDispense", segment(f"RXR|{route}"), found, there)
    assert [("RXR-1", Reason.REPEATED)] == [(each.place, each.reason) for each in there.report]


def test_many_repetitions() -> None:
    """A field has at most 1,000 repetitions; that is reported once."""
    found = made("PID|1||7^^^HOSP&1.2.3&ISO^MR||" + "~".join(f"N{number}" for number in range(1010)))
    assert 1000 == len(only(found, "Patient")["name"])
    assert [LeftOut("PID-5[1001]", Reason.TOO_MANY)] == list(found.report)


@pytest.mark.parametrize(
    ("values", "left"),
    [({29: "20240501", 30: "N"}, True), ({29: "20240501", 30: "Y"}, False), ({25: "2", 24: "N"}, True)],
)
def test_denied(values: dict[int, str], left: bool) -> None:
    """A field that denies what another one says is reported."""
    assert left == (Reason.REPEATED in applied(fields("PID", values))[1])
