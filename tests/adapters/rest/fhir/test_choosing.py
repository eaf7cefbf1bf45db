"""Which resource an entry is about."""

from collections.abc import Sequence
from typing import Any

import pytest

from adapters.rest.fhir.choosing import AMBIGUOUS, choose
from adapters.rest.fhir.entries import Entry
from gateway.contract.outcome import Refused
from tests.adapters.rest.fhir.making import entry

Json = dict[str, Any]
Number = tuple[str, str]
UNCLEAR = Refused(AMBIGUOUS.format(kind="Patient"))


def numbers(*listed: Number, kind: str = "MR") -> list[Json]:
    """Return identifiers."""
    return [{"system": system, "value": value, "type": {"coding": [{"code": kind}]}} for system, value in listed]


def record(own: str, *listed: Number, kind: str = "MR") -> Json:
    """Return a record of the store."""
    return {"resourceType": "Patient", "id": own, "identifier": numbers(*listed, kind=kind)}


def named(token: str, *listed: Number, stub: bool = False, kind: str = "MR") -> Entry:
    """Return an entry of a patient with the number *token* of the system s, and others."""
    return entry({"identifier": numbers(("s", token), *listed, kind=kind)}, token=token, stub=stub)


def chosen(entries: Sequence[Entry], *records: Json) -> dict[int, str] | Refused:
    """Return the IDs of what is chosen among *records*."""
    found: dict[tuple[str, Number], list[Json]] = {}
    for each in records:
        for one in each["identifier"]:
            found.setdefault(("Patient", (one["system"], one["value"])), []).append(each)
    olds = choose(entries, found)
    return olds if isinstance(olds, Refused) else {at: each["id"] for at, each in olds.items()}


SHARED = ("e", "70")
SEVEN, EIGHT = record("seven", ("s", "7"), SHARED), record("eight", ("s", "8"), SHARED)
CASES: dict[str, tuple[Any, Sequence[Entry], Sequence[Json]]] = {
    "its number": ({7: "seven"}, [named("7")], [SEVEN, EIGHT]),
    "a number that came first alone": ({7: "e"}, [named("7", SHARED)], [record("e", SHARED)]),
    "a number of its own before another": ({7: "seven"}, [named("7", SHARED)], [SEVEN, record("e", SHARED)]),
    "another record with the enterprise number": ({}, [named("9", SHARED)], [SEVEN]),
    "several that came first": (
        UNCLEAR,
        [named("7", SHARED, ("f", "1"))],
        [record("e", SHARED), record("f", ("f", "1"))],
    ),
    "the number of a card": ({}, [named("7", SHARED, kind="DL")], [record("e", SHARED, kind="DL")]),
}


@pytest.mark.parametrize(("expected", "entries", "records"), CASES.values(), ids=CASES)
def test_records(expected: Any, entries: Sequence[Entry], records: Sequence[Json]) -> None:
    """The record of the number, or else of another number of the same record."""
    assert expected == chosen(entries, *records)


def test_child_of_a_patient_with_several_numbers() -> None:
    """What is found by none of its keys is new; by one of them it is that one; two would be two things."""
    one = entry({"resourceType": "Condition"}, also=(("u", "a"), ("u", "b")))
    old, other = ({"resourceType": "Condition", "id": each} for each in "xy")
    own, first, second = ("Condition", ("s", "1")), ("Condition", ("u", "a")), ("Condition", ("u", "b"))
    assert {1: old} == choose([one], {own: [old], first: [other]})
    assert {1: old} == choose([one], {first: [old], second: [old]})
    assert {} == choose([one], {})
    assert {} == choose([one], {first: [old], second: [other]})


def test_shared_number_in_a_merge() -> None:
    """The numbers of MRG are of one record, which one of them finds, and so are those of PID."""
    both = entry({"identifier": numbers(SHARED)}, token="70", stub=True)
    shared = Entry(70, both.url, "Patient", both.resource, both.request, SHARED, is_stub=True)
    prior = named("8", stub=True)
    assert {7: "seven", 8: "eight", 70: "eight"} == chosen([named("7", SHARED), prior, shared], SEVEN, EIGHT)
    assert {7: "seven", 70: "seven"} == chosen([named("7", SHARED), shared], SEVEN, EIGHT)
    main = Entry(70, both.url, "Patient", both.resource, both.request, SHARED)
    assert {70: "seven", 8: "eight"} == chosen([main, prior], SEVEN, EIGHT)
    assert UNCLEAR == chosen([main], SEVEN, EIGHT)
    full = Entry(70, both.url, "Patient", named("7", SHARED).resource, both.request, SHARED)
    assert {70: "seven"} == chosen([full], SEVEN, EIGHT)
