"""Documents: TXA."""

from typing import Any

import pytest

from adapters.fhir.documents import STATUSES
from adapters.fhir.report import Reason
from tests.adapters.fhir.judges import bindings
from tests.adapters.fhir.making import PID, Json, fields, made, only, resources

OBX = "OBX|1|TX|1^Letter||text"
NUMBER = {12: "D1^DOC^1.2.5^ISO"}


def document(values: dict[int, str], *more: str, event: str = "T02") -> Json:
    """Return the only document of a message."""
    return only(made(PID, fields("TXA", NUMBER | values), *more, kind=f"MDM^{event}"), "DocumentReference")


FIELDS: dict[str, tuple[dict[int, str], str, Any]] = {
    "type": (
        {2: "DS"},
        "type",
        {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/v2-0270",
                    "code": "DS",
                    "display": "Discharge summary",
                }
            ]
        },
    ),
    "time of what was done": ({4: "20240430"}, "context", {"period": {"start": "2024-04-30"}}),
    "date": ({6: "20240501101500"}, "date", "2024-05-01T10:15:00+02:00"),
    "author": ({9: "^Doe^Jim"}, "author", [{"display": "Jim Doe"}]),
    "authenticator": ({10: "^Roe^Eva"}, "authenticator", {"display": "Eva Roe"}),
    "number": ({}, "masterIdentifier", {"system": "urn:oid:1.2.5", "value": "D1", "assigner": {"display": "DOC"}}),
    "status of the text": ({17: "LA"}, "docStatus", "final"),
    "confidentiality": (
        {18: "V"},
        "securityLabel",
        [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/v2-0272",
                        "code": "V",
                        "display": "Very restricted",
                    }
                ]
            }
        ],
    ),
    "title": ({25: "Letter"}, "description", "Letter"),
    "order of the placer": (
        {14: "P1^HIS"},
        "context",
        {
            "related": [
                {
                    "type": "ServiceRequest",
                    "identifier": {
                        "type": {
                            "coding": [
                                {
                                    "system": "http://terminology.hl7.org/CodeSystem/v2-0203",
                                    "code": "PLAC",
                                    "display": "Placer Identifier",
                                }
                            ]
                        },
                        "value": "P1",
                        "assigner": {"display": "HIS"},
                    },
                }
            ]
        },
    ),
}


@pytest.mark.parametrize(("values", "element", "expected"), FIELDS.values(), ids=FIELDS)
def test_field(values: dict[int, str], element: str, expected: Any) -> None:
    """A field of TXA is carried to its element."""
    assert expected == document(values)[element]


STATES = {
    "available": ({19: "AV"}, "T02", ("current", None, True)),
    "obsolete": ({19: "OB"}, "T02", ("superseded", None, True)),
    "deleted": ({19: "CA"}, "T04", ("entered-in-error", None, True)),
    "not available": ({19: "UN"}, "T04", ("current", None, False)),
    "not said": ({}, "T02", ("current", None, False)),
    "withdrawn": ({19: "AV", 17: "AU"}, "T11", ("entered-in-error", "entered-in-error", True)),
}


@pytest.mark.parametrize(("values", "event", "expected"), STATES.values(), ids=STATES)
def test_status(values: dict[int, str], event: str, expected: tuple[str, str | None, bool]) -> None:
    """The status is that of TXA-19; without one, it is there for a new document only."""
    found = made(PID, fields("TXA", NUMBER | values), kind=f"MDM^{event}")
    (each,) = [each for each in found.bundle if each.kind == "DocumentReference"]
    assert expected == (each.body["status"], each.body.get("docStatus"), "status" in each.owns)


def test_statuses_are_codes() -> None:
    """Each status is one of R4's."""
    assert set(STATUSES.values()) <= bindings()["http://hl7.org/fhir/ValueSet/document-reference-status"]


CONTENTS = {
    "text": ({3: "AP"}, [OBX], ("text/plain; charset=utf-8", True)),
    "none, but its type": ({3: "TX"}, [], ("text/plain", False)),
    "nothing is said": ({}, [], (None, False)),
}


@pytest.mark.parametrize(("values", "more", "expected"), CONTENTS.values(), ids=CONTENTS)
def test_content(values: dict[int, str], more: list[str], expected: tuple[str | None, bool]) -> None:
    """A message without content does not own it: the document in the store keeps what it has."""
    found = made(PID, fields("TXA", NUMBER | values), *more, kind="MDM^T02")
    (each,) = [each for each in found.bundle if each.kind == "DocumentReference"]
    attachment = each.body["content"][0]["attachment"]
    assert expected == (attachment.get("contentType"), "content" in each.owns)
    assert {"contentType", "extension"} & attachment.keys()


def test_file_name() -> None:
    """The name of the file is the title of the content, and no identifier."""
    found = document({16: "a.txt"}, "OBX|1|TX|||text")
    assert "a.txt" == found["content"][0]["attachment"]["title"]
    assert ["D1"] == [each["value"] for each in found["identifier"]]


def test_file_name_and_title() -> None:
    """Where the content has words of OBX-3, these are the title, and the name of the file is reported."""
    found = made(PID, fields("TXA", NUMBER | {16: "a.txt"}), OBX, kind="MDM^T02")
    assert "Letter" == only(found, "DocumentReference")["content"][0]["attachment"]["title"]
    assert ("TXA-16", Reason.REPEATED) in {(each.place, each.reason) for each in found.report}


def test_no_number() -> None:
    """A document without a number is identified by the message, which is reported."""
    found = made(PID, fields("TXA", {2: "DS"}), kind="MDM^T02")
    assert [("TXA-12", Reason.KEYED_BY_MESSAGE)] == [(each.place, each.reason) for each in found.report]
    assert "identifier" in only(found, "DocumentReference")


def test_number_without_an_authority() -> None:
    """A number that is valid within its sender is found by an identifier that is made of it."""
    assert [None, "urn:ietf:rfc:3986"] == [each.get("system") for each in document({12: "D1"})["identifier"]]


PARENTS = {
    "of itself": (NUMBER[12], "T10", []),
    "missing": ("", "T06", []),
    "deleted": ('""', "T06", []),
    "addendum": ("D0^DOC^1.2.5^ISO", "T05", ["appends"]),
    "replacement": ("D0^DOC^1.2.5^ISO", "T09", ["replaces"]),
    "another event": ("D0^DOC^1.2.5^ISO", "T02", []),
}


@pytest.mark.parametrize(("parent", "event", "expected"), PARENTS.values(), ids=PARENTS)
def test_parent(parent: str, event: str, expected: list[str]) -> None:
    """An addendum and a replacement refer to the document in TXA-13; otherwise that is reported."""
    found = made(PID, fields("TXA", NUMBER | {13: parent}), kind=f"MDM^{event}")
    first, *others = resources(found, "DocumentReference")
    assert expected == [each["code"] for each in first.get("relatesTo", ())]
    assert [["D0"]] * len(others) == [[each["value"] for each in other["identifier"]] for other in others]
    assert len(expected) == len(others)
    if event != "T02":
        assert bool(expected) != ("TXA-13" in {each.place for each in found.report})


def test_order_in_the_message() -> None:
    """An order in the message is not named by its number again."""
    found = made(PID, "ORC|SC|P1^HIS", "OBR|1|P1^HIS||1^x", fields("TXA", NUMBER | {14: "P1^HIS"}), kind="MDM^T02")
    (order,) = [each.reference for each in found.bundle if each.kind == "ServiceRequest"]
    assert [order] == only(found, "DocumentReference")["context"]["related"]


def test_observation() -> None:
    """A number in a document is an observation that belongs to it."""
    found = made(PID, fields("TXA", NUMBER), "OBX|1|NM|1^x||5", "NTE|1||seen", kind="MDM^T02")
    (observation,) = [each for each in found.bundle if each.kind == "Observation"]
    assert [observation.reference] == only(found, "DocumentReference")["context"]["related"]
    assert [{"text": "seen"}] == observation.body["note"]


DATES: dict[str, tuple[str | None, str | None]] = {
    "20240501101500": ("2024-05-01T10:15:00+02:00", "2024-05-01T10:15:00+02:00"),
    "202405011015": (None, "2024-05-01T10:15:00+02:00"),
    "20240501": (None, "2024-05-01"),
    "": (None, None),
    "yesterday": (None, None),
}


@pytest.mark.parametrize(("raw", "expected"), DATES.items())
def test_date(raw: str, expected: tuple[str | None, str | None]) -> None:
    """The content has the time as far as it was sent; the reference has it only if it is whole."""
    found = document({6: raw}, OBX)
    assert expected == (found.get("date"), found["content"][0]["attachment"].get("creation"))


def test_deleted_date() -> None:
    """A time that the sender deletes is cleared."""
    found = made(PID, fields("TXA", NUMBER | {6: '""'}), kind="MDM^T02")
    assert [{"date"}] == [each.clears for each in found.bundle if each.kind == "DocumentReference"]
