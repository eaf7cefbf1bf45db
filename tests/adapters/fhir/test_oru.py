"""Results."""

import pytest

from adapters.fhir.adt import NO_PATIENT, NO_PATIENT_ID
from adapters.fhir.convert import convert
from tests.adapters.fhir.making import BERLIN, PID, PV1, made, message, only, resources

OBR = "OBR|1|P1^^^H|F1|24323-8^Panel^LN"
OBX = "OBX|1|NM|1^x^LN||5||||||F"


def test_links() -> None:
    """A report leads to its order and its observations, and all lead to patient and visit."""
    found = made(PID, PV1, "ORC|RE", OBR, OBX, kind="ORU^R01")
    report = only(found, "DiagnosticReport")
    assert {"basedOn", "result", "subject", "encounter"} <= report.keys()
    assert report["subject"] == only(found, "ServiceRequest")["subject"] == only(found, "Observation")["subject"]


def test_the_same_resources() -> None:
    """A correction has the keys of the first result."""
    first, second = (made(PID, OBR, OBX[:-1] + status, kind="ORU^R01") for status in "FC")
    assert {each.url for each in first.bundle} == {each.url for each in second.bundle}


def test_no_patient() -> None:
    """A result without a patient is refused."""
    assert NO_PATIENT == convert(message(OBR, kind="ORU^R01"), BERLIN)
    assert NO_PATIENT_ID == convert(message("PID|1", OBR, kind="ORU^R01"), BERLIN)


def test_two_orders() -> None:
    """Each OBR has its own observations."""
    found = made(PID, OBR, OBX, OBR.replace("F1", "F2"), OBX, OBX, kind="ORU^R01")
    assert [1, 2] == [len(each["result"]) for each in resources(found, "DiagnosticReport")]


def test_patient_and_visit() -> None:
    """A result creates patient and visit if they are missing, and changes neither."""
    found = made(PID, PV1, OBR, kind="ORU^R01")
    named = [each for each in found.bundle if each.kind in {"Patient", "Encounter"}]
    assert [("POST", set()), ("POST", set())] == [(each.entry()["request"]["method"], each.owns) for each in named]


def test_corrected() -> None:
    """A correction has the observations that changed: it adds to those of the report, and takes none away."""
    words = []
    for status in ("F", "C"):
        found = made(PID, OBR + "|" * 21 + status, "OBX|1|NM|1^x^L||9||||||F", kind="ORU^R01")
        (report,) = (each for each in found.bundle if each.kind == "DiagnosticReport")
        words.append(("result" in report.owns, "result" in report.adds))
    assert [(True, False), (False, True)] == words


def test_order_without_a_report() -> None:
    """An ORC ends the order before it: an OBX after it without an OBR is reported, and in no report."""
    later = ["ORC|RE||F2", "NTE|1||note", OBX.replace("OBX|1", "OBX|2")]
    found = made(PID, OBR, OBX, *later, kind="ORU^R01")
    assert 1 == len(only(found, "DiagnosticReport")["result"])
    assert {"ORC-3", "NTE-3", "OBX[2]-5"} <= {each.place for each in found.report}


def test_comment_between() -> None:
    """A comment after the ORC belongs to the order that its OBR makes."""
    found = made(PID, OBR, OBX, "ORC|RE", "NTE|1||note", OBR.replace("F1", "F2"), kind="ORU^R01")
    assert [False, True] == ["note" in each for each in resources(found, "ServiceRequest")]


RIVALS: dict[str, tuple[str, str, list[int]]] = {
    "one corrected result": ("F", "C", [2]),
    "a corrected report": ("C", "F", [2]),
    "a final one": ("F", "F", []),
}


@pytest.mark.parametrize(("report", "status", "expected"), RIVALS.values(), ids=RIVALS)
def test_rival(report: str, status: str, expected: list[int]) -> None:
    """A correction may mean another result with the same code, the next one of those that nothing tells apart."""
    obr, corrected, final = OBR + "|" * 21 + report, OBX[:-1] + status, OBX[:-1] + "F"
    several = [each for each in made(PID, obr, *[final] * 3, kind="ORU^R01").bundle if each.kind == "Observation"]
    rivals = [each.rival for each in made(PID, obr, corrected, kind="ORU^R01").bundle if each.rival]
    assert [several[number - 1].url for number in expected] == rivals


def test_rival_of_several() -> None:
    """After two with the same code the third one is the next; one with a number of its own has no rival."""
    obr, numbered = OBR + "|" * 21 + "C", OBX.replace("1^x", "2^y") + "|" * 10 + "N1"
    several = [each for each in made(PID, obr, *[OBX] * 3, kind="ORU^R01").bundle if each.kind == "Observation"]
    found = made(PID, obr, OBX, OBX, numbered, kind="ORU^R01")
    assert [several[2].url] == [each.rival for each in found.bundle if each.rival]
