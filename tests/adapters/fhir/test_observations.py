"""Observations and documents of OBX."""

import base64

import pytest

from adapters.fhir.bundle import CLEARS
from adapters.fhir.observations import STATUSES
from adapters.fhir.report import Reason
from tests.adapters.fhir.judges import bindings
from tests.adapters.fhir.making import PID, Json, fields, made, only, resources

OBR = "OBR|1|P1^^^H|F1|24323-8^Panel^LN|||20240501101500"


def observed(*obx: str) -> list[Json]:
    """Return the observations of some OBX."""
    return resources(made(PID, OBR, *obx, kind="ORU^R01"), "Observation")


def test_number() -> None:
    """A number has its digits, its unit, its range and its interpretation."""
    (found,) = observed("OBX|1|NM|2160-0^Creatinine^LN||4.10|mg/dL|0.5-1.2|H|||F")
    assert (4.10, "mg/dL", 1.2, "H", "final") == (
        found["valueQuantity"]["value"],
        found["valueQuantity"]["code"],
        found["referenceRange"][0]["high"]["value"],
        found["interpretation"][0]["coding"][0]["code"],
        found["status"],
    )


def test_digits() -> None:
    """Trailing zeros are in the octets of the bundle."""
    assert b'"value":4.10}' in made(PID, OBR, "OBX|1|NM|1^x^LN||4.10||||||F", kind="ORU^R01").encoded()


CASES = {"F": "final", "P": "preliminary", "C": "corrected", "W": "entered-in-error", "X": "cancelled", "": "unknown"}


@pytest.mark.parametrize(("sent", "status"), CASES.items())
def test_status(sent: str, status: str) -> None:
    """OBX-11 is the status."""
    assert status == observed(f"OBX|1|NM|1^x^LN||5||||||{sent}")[0]["status"]


def test_statuses_are_codes() -> None:
    """Each status is one of R4's."""
    assert set(STATUSES.values()) <= bindings()["http://hl7.org/fhir/ValueSet/observation-status"]


def test_not_asked() -> None:
    """A result that was not asked for says so, unless it has a value."""
    found = observed("OBX|1|NM|1^x^LN|1|||||||N", "OBX|2|NM|1^x^LN|2|5|||||N")
    assert [True, False] == ["dataAbsentReason" in each for each in found]


def test_text_of_several_lines() -> None:
    """Consecutive lines of text are one observation."""
    (found,) = observed("OBX|1|TX|1^x^LN||one~two||||||F", "OBX|2|TX|1^x^LN||three||||||F")
    assert "one\ntwo\nthree" == found["valueString"]


def test_other_lines() -> None:
    """Lines with another OBX-4, or after a comment, are another observation."""
    assert 2 == len(observed("OBX|1|TX|1^x^LN|1|a||||||F", "OBX|2|TX|1^x^LN|2|b||||||F"))
    assert 2 == len(observed("OBX|1|TX|1^x^LN||a||||||F", "NTE|1||n", "OBX|2|TX|1^x^LN||b||||||F"))


def test_the_same_code_twice() -> None:
    """Two results with the same code are two resources."""
    assert 2 == len(observed("OBX|1|NM|1^x^LN||5||||||F", "OBX|2|NM|1^x^LN||6||||||F"))


LINES = {
    "another status": ({11: "F"}, {11: "D"}, 2),
    "another flag": ({8: "N", 11: "F"}, {8: "AA", 11: "F"}, 2),
    "another time": ({14: "20240501080000"}, {14: "20240501100000"}, 2),
    "another number": ({21: "1^LIS"}, {21: "2^LIS"}, 2),
    "a line with nothing of its own": ({8: "N", 11: "F", 14: "20240501080000"}, {}, 1),
}


@pytest.mark.parametrize(("one", "other", "count"), LINES.values(), ids=LINES)
def test_line_or_result(one: dict[int, str], other: dict[int, str], count: int) -> None:
    """A line with a status, a flag, a time or a number that the text does not have is another result."""
    common = {2: "ST", 3: "600-7^Organism^LN", 5: "x"}
    assert count == len(observed(fields("OBX", common | one), fields("OBX", common | other)))


def test_several_times() -> None:
    """Equal observations of several times have the time in their keys, which is reported; one alone has not."""
    sent = [fields("OBX", {2: "NM", 3: "1^x^L", 5: "9", 14: f"202405010{hour}0000"}) for hour in (7, 8)]
    both, one = made(PID, OBR, *sent, kind="ORU^R01"), made(PID, OBR, sent[1], kind="ORU^R01")
    names = [{each.url for each in found.bundle if each.kind == "Observation"} for found in (both, one)]
    assert (2, 1, 2) == (len(names[0]), len(names[1]), len({each for found in names for each in found} - names[1]))
    swapped = made(PID, OBR, *reversed(sent), kind="ORU^R01")
    assert names[0] == {each.url for each in swapped.bundle if each.kind == "Observation"}
    assert [2, 0] == [[each.reason for each in found.report].count(Reason.KEYED_BY_TIME) for found in (both, one)]


def test_time_of_one_of_two() -> None:
    """The one of two equal observations that has no time keeps the key that it has alone."""
    plain, timed = (fields("OBX", {2: "NM", 3: "1^x^L", 5: "9", 14: each}) for each in ("", "20240501080000"))
    both, one = made(PID, OBR, plain, timed, kind="ORU^R01"), made(PID, OBR, plain, kind="ORU^R01")
    first, _ = (each.url for each in both.bundle if each.kind == "Observation")
    assert [first] == [each.url for each in one.bundle if each.kind == "Observation"]


def test_number_of_an_observation() -> None:
    """OBX-21 finds an observation again, whatever else the message has."""
    sent = [fields("OBX", {2: "NM", 3: "1^x^L", 5: "9", 21: f"{number}^LIS"}) for number in (1, 2)]
    both, one = made(PID, OBR, *sent, kind="ORU^R01"), made(PID, OBR, sent[1], kind="ORU^R01")
    second = [each.url for each in both.bundle if each.kind == "Observation"][1]
    assert [second] == [each.url for each in one.bundle if each.kind == "Observation"]


def test_several_values() -> None:
    """Several values are components, and there is no value beside them."""
    (found,) = observed("OBX|1|CWE|1^x^LN||^a~^b||||||F")
    assert (2, []) == (len(found["component"]), [name for name in found if name.startswith("value")])


def test_null() -> None:
    """A value that the sender deletes is cleared."""
    found = made(PID, OBR, 'OBX|1|NM|1^x^LN||""||""||||F', kind="ORU^R01")
    (entry,) = (each.entry() for each in found.bundle if each.kind == "Observation")
    assert {"value[x]", "referenceRange"} == {
        each["valueString"] for each in entry["extension"] if each["url"] == CLEARS
    }


def test_odd_code() -> None:
    """An OBX-3 of which only the system is known gives that as text: R4 demands a code."""
    assert {"text": "LN"} == observed("OBX|1|NM|^^LN||5||||||F")[0]["code"]


def test_time() -> None:
    """An observation has its own time, or that of the order."""
    own, common = observed("OBX|1|NM|1^x^LN||5||||||F|||20240502", "OBX|2|NM|2^x^LN||5||||||F")
    assert ["2024-05-02", "2024-05-01T10:15:00+02:00"] == [own["effectiveDateTime"], common["effectiveDateTime"]]


def test_document() -> None:
    """A document of a result is a DocumentReference that leads to the report."""
    data = base64.b64encode(b"%PDF").decode()
    found = made(PID, OBR, f"OBX|1|ED|1^x^LN||^^PDF^Base64^{data}||||||F", kind="ORU^R01")
    document = only(found, "DocumentReference")
    assert (data, 1) == (document["content"][0]["attachment"]["data"], len(document["context"]["related"]))


@pytest.mark.parametrize(("obx", "reason"), [
    ("OBX|1|NM|||5||||||F", Reason.NO_KEY),
    ("OBX|1|ED|1^x^LN||^^PDF^Base64^%||||||F", Reason.UNREADABLE),
    ("OBX|1|NM|1^x^LN||5||||||Q", Reason.NOT_IN_TABLE),
])  # fmt: skip
def test_left_out(obx: str, reason: Reason) -> None:
    """What cannot be carried is reported."""
    assert reason in {each.reason for each in made(PID, OBR, obx, kind="ORU^R01").report}


SPECIMENS = {
    "one of the message": ("S2&H", "reference", []),
    "another one": ("S9&H", "identifier", []),
    "two": ("S2&H~S1&H", "reference", ["OBX-33"]),
    "none": ("&", None, []),
}


@pytest.mark.parametrize(("raw", "kind", "left"), SPECIMENS.values(), ids=SPECIMENS)
def test_specimen_of_an_observation(raw: str, kind: str | None, left: list[str]) -> None:
    """OBX-33 names one of several specimens."""
    obx = fields("OBX", {2: "NM", 3: "1^x^LN", 5: "5", 11: "F", 33: raw})
    found = made(PID, OBR, obx, "SPM|1|S1&H", "SPM|2|S2&H", kind="ORU^R01")
    assert (kind is not None) == (kind in only(found, "Observation").get("specimen", {}))
    assert left == [each.place for each in found.report if each.reason is Reason.REPEATED]


MORE: dict[int, tuple[str, str, str]] = {
    10: ("A", "observation-nature-of-abnormal-test", "valueCodeableConcept"),
    19: ("20240501", "observation-analysis-date-time", "valueDateTime"),
    30: ("ORG", "observation-structure-type", "valueCodeableConcept"),
}


@pytest.mark.parametrize(("number", "case"), MORE.items())
def test_extension(number: int, case: tuple[str, str, str]) -> None:
    """These fields have an extension."""
    value, name, kind = case
    (found,) = observed(fields("OBX", {2: "NM", 3: "1^x^LN", 5: "5", 11: "F", number: value}))
    assert found["extension"][0]["url"].endswith(f"/{name}")
    assert kind in found["extension"][0]


def test_category() -> None:
    """The type of an observation is its category."""
    (found,) = observed(fields("OBX", {2: "NM", 3: "1^x^LN", 5: "5", 11: "F", 29: "AOE"}))
    assert [{"coding": [{"code": "AOE"}], "text": "AOE"}] == found["category"]


@pytest.mark.parametrize(("status", "number"), [("C", 1), ("A", 1), ("F", 0)])
def test_correction_of_one_time(status: str, number: int) -> None:
    """A correction of a result is also found by its time: the first message may have had several of the same code."""
    times = ["202405010800", "202405011200"]
    first = [f"OBX|1|NM|1^x^LN||9||||||F|||{time}" for time in times]
    several = [each for each in made(PID, OBR, *first, kind="ORU^R01").bundle if each.kind == "Observation"]
    again = made(PID, OBR, f"OBX|1|NM|1^x^LN||8||||||{status}|||{times[1]}", kind="ORU^R01")
    (found,) = (each for each in again.bundle if each.kind == "Observation")
    assert [several[1].url] * number == found.also
