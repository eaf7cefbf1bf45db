"""Procedures."""

import pytest

from adapters.fhir.report import Reason
from tests.adapters.fhir.making import PID, PV1, Json, made, only, resources

PR1 = "PR1|1||76164006^Biopsy^SCT||202401251140|D^Diagnostic^HL70230|20|9^Ana|||8^Sur|7^Doc|||R1^Ulcer||||N5^H"


def test_procedure() -> None:
    """PR1 is a procedure of the visit with who did it."""
    found = made(PID, PV1, PR1)
    procedure = only(found, "Procedure")
    assert ("unknown", "76164006", "N5", "R1") == (
        procedure["status"],
        procedure["code"]["coding"][0]["code"],
        procedure["identifier"][0]["value"],
        procedure["reasonCode"][0]["coding"][0]["code"],
    )
    functions = [
        each.get("function", {"coding": [{"code": ""}]})["coding"][0]["code"] for each in procedure["performer"]
    ]
    assert ["88189002", "304292004", ""] == functions
    assert "encounter" in procedure


TIMES: dict[str, tuple[str, str, Json]] = {
    "with minutes": ("202401251140", "20", {"start": "2024-01-25T11:40:00+01:00", "end": "2024-01-25T12:00:00+01:00"}),
    "at the change of the year": ("202312312350", "20",
                                  {"start": "2023-12-31T23:50:00+01:00", "end": "2024-01-01T00:10:00+01:00"}),
}  # fmt: skip


@pytest.mark.parametrize(("start", "minutes", "period"), TIMES.values(), ids=TIMES)
def test_period(start: str, minutes: str, period: Json) -> None:
    """A start with a time of day and minutes make a period."""
    assert period == only(made(PID, f"PR1|1||A||{start}||{minutes}"), "Procedure")["performedPeriod"]


@pytest.mark.parametrize(("start", "minutes"), [("20240125", "20"), ("202401251140", "x"), ("202401251140", "")])
def test_time(start: str, minutes: str) -> None:
    """Without both there is a time only."""
    assert "performedDateTime" in only(made(PID, f"PR1|1||A||{start}||{minutes}"), "Procedure")


def test_end_of_time() -> None:
    """An end after the year 9999 is none."""
    assert "performedDateTime" in only(made(PID, "PR1|1||A||999912302359||9999"), "Procedure")


def test_deleted_time() -> None:
    """A deleted time is cleared."""
    (entry,) = (each for each in made(PID, 'PR1|1||A||""').bundle if each.kind == "Procedure")
    assert {"performed[x]"} == entry.clears


def test_keyed_by_time() -> None:
    """Without a number a procedure is identified by its code and its time, which is reported: it may be done often."""
    found = made(PID, "PR1|1||A||20240125", "PR1|2||A||20240126", "PR1|3||A||20240126")
    assert 2 == len(resources(found, "Procedure"))
    assert Reason.KEYED_BY_TIME in {each.reason for each in found.report}


def test_text() -> None:
    """A procedure may have a text only."""
    assert {"text": "Biopsy"} == only(made(PID, "PR1|1|||Biopsy"), "Procedure")["code"]


@pytest.mark.parametrize(("code", "text"), [("7^Biopsy^SCT", "of the colon"), ("7^Biopsy^SCT^^^^^^a text", "a text")])
def test_description(code: str, text: str) -> None:
    """PR1-4 is the text of the code, unless the code has one."""
    assert text == only(made(PID, f"PR1|1||{code}|of the colon"), "Procedure")["code"]["text"]


def test_no_key() -> None:
    """A procedure without code, text and number has no key."""
    found = made(PID, "PR1|1||||20240125")
    assert ([], True) == (
        resources(found, "Procedure"),
        ("PR1-3", Reason.NO_KEY) in {(each.place, each.reason) for each in found.report},
    )


def test_deleted() -> None:
    """A procedure that PR1-20 deletes was an error."""
    assert "entered-in-error" == only(made(PID, PR1 + "|D"), "Procedure")["status"]


def test_parts() -> None:
    """PR1-25 names the procedure of which this one is a part, in this message or elsewhere."""
    child = "PR1|2||B" + "|" * 16 + "N6^H" + "|" * 6
    found = resources(made(PID, PR1, child + "N5^H"), "Procedure")
    assert "reference" in found[1]["partOf"][0]
    assert "N9" == only(made(PID, child + "N9^H"), "Procedure")["partOf"][0]["identifier"]["value"]
    assert "partOf" not in only(made(PID, child + "N6^H"), "Procedure")
