"""Identifiers that move to another record: the record that had them loses them."""

from dataclasses import replace
from typing import Any

import pytest

from adapters.rest.fhir.stamps import Stamps
from adapters.rest.fhir.taking import losers, without_taken
from tests.adapters.rest.fhir.making import entry

MOVED = {"system": "s", "value": "8", "assigner": {"display": "HOSP"}}
OWN = {"system": "s", "value": "9"}
TAKER = replace(entry({}, 2, token="7"), takes=(MOVED, {"value": "8", "assigner": {"display": "HOSP"}}))


def record(*identifiers: Any, day: int = 0) -> dict[str, Any]:
    """Return a record with identifiers, of which a message of that day of May has said them."""
    made = {"resourceType": "Patient", "id": "a", "identifier": list(identifiers)}
    if day:
        Stamps(said={"identifier": f"2024-05-{day:02}"}).write(made)
    return made


LEFT: dict[str, tuple[dict[str, Any], Any]] = {
    "one of two": (record(MOVED, OWN), [OWN]),
    "with another display": (record({"system": "s", "value": "8"}, OWN), [OWN]),
    "without a system": (record(MOVED, {"value": "8", "assigner": {"display": "HOSP"}}, OWN), [OWN]),
    "of another authority": (record(MOVED, {"value": "8", "assigner": {"display": "LAB"}}), 1),
    "of another system": (record(MOVED, {"system": "t", "value": "8"}), 1),
    "the only one": (record(MOVED), None),
    "said by an older message": (record(MOVED, OWN, day=1), [OWN]),
    "said by a newer message": (record(MOVED, OWN, day=3), [MOVED, OWN]),
}


@pytest.mark.parametrize(("old", "left"), LEFT.values(), ids=LEFT)
def test_without(old: dict[str, Any], left: Any) -> None:
    """The number goes, others stay; what a newer message has said stays, too."""
    found = without_taken(old, TAKER).get("identifier")
    assert left == (len(found) if left == 1 and found else found)


def test_kept() -> None:
    """The record keeps when it has lost the number, so that an older message does not give it back."""
    assert "2024-05-02" == Stamps.of(without_taken(record(MOVED, OWN, day=1), TAKER)).said["identifier"]


def test_losers() -> None:
    """All records with the number lose it, but those that the message names."""
    found = {("Patient", ("s", "8")): [record(MOVED), {**record(MOVED), "id": "b"}]}
    assert [("a", [TAKER])] == [(each["id"], by) for each, by in losers([TAKER], found, {0: {"id": "b"}})]
    assert [] == list(losers([entry({}, 2)], found, {}))
