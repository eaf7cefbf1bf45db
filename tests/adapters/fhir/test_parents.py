"""Child orders."""

import pytest

from adapters.fhir.report import Reason
from tests.adapters.fhir.making import PID, Json, fields, made, resources

PARENT = "OBR|1|P1^H|F1^L|600-7^Culture^LN"
ORGANISM = "OBX|1|CE|634-6^Organism^LN|1|112283007^E. coli^SCT||||||F"
CHILD = "OBR|2|P2^H|F2^L|29576-6^Susceptibility^LN" + "|" * 22 + "{}|||{}"
RESULT = "OBX|1|ST|18864-9^Ampicillin^LN||R||||||F"


def converted(
    source: str = "634-6&Organism&LN^1", parent: str = "P1&H^F1&L"
) -> tuple[list[Json], list[Json], set[str]]:
    """Return requests, observations and what is left out for want of a key."""
    found = made(PID, PARENT, ORGANISM, CHILD.format(source, parent), RESULT, kind="ORU^R01")
    return (
        resources(found, "ServiceRequest"),
        resources(found, "Observation"),
        {each.place for each in found.report if each.reason is Reason.NO_KEY},
    )


@pytest.mark.parametrize("parent", ["P1&H^F1&L", "P1&H", "^F1&L"])
def test_parent(parent: str) -> None:
    """The child's order is based on the parent's, its results are derived from the parent's result."""
    requests, observations, _ = converted(parent=parent)
    assert "reference" in requests[1]["basedOn"][0]
    assert "basedOn" not in requests[0]
    assert [False, True] == ["derivedFrom" in each for each in observations]


def test_parent_of_another_message() -> None:
    """A parent elsewhere is known by its number; its result is not known."""
    requests, observations, left_out = converted(parent="P8&H")
    assert "P8" == requests[1]["basedOn"][0]["identifier"]["value"]
    assert ([False, False], {"OBR[2]-26"}) == (["derivedFrom" in each for each in observations], left_out)


@pytest.mark.parametrize("source", ["634-6&Organism&LN^2", "1-8&&LN^1"])
def test_other_results(source: str) -> None:
    """Code and sub-ID must be those of a result of the parent."""
    assert {"OBR[2]-26"} == converted(source)[2]


def test_no_result() -> None:
    """Without OBR-26 the orders are linked."""
    requests, observations, left_out = converted("")
    assert ("basedOn" in requests[1], False, set()) == (True, "derivedFrom" in observations[1], left_out)


def test_no_number() -> None:
    """A child without a number of its own has no order that could be based on something."""
    child = CHILD.format("", "P1&H").replace("P2^H|F2^L", "|")
    found = made(PID, PARENT, child, kind="ORU^R01")
    assert ("OBR[2]-29", Reason.NO_KEY) in {(each.place, each.reason) for each in found.report}


def test_own_parent() -> None:
    """An order is not its own parent."""
    assert "identifier" in converted(parent="P2&H")[0][1]["basedOn"][0]


PLACED = {
    "ORC-8": ({8: "P1&H"}, {}, []),
    "OBR-29": ({}, {29: "P1&H"}, []),
    "both": ({8: "P1&H"}, {29: "P1&H"}, []),
    "another one": ({8: "P9&H"}, {29: "P1&H"}, ["ORC-8"]),
}


@pytest.mark.parametrize(("orc", "obr", "left"), PLACED.values(), ids=PLACED)
def test_parent_of_an_order(orc: dict[int, str], obr: dict[int, str], left: list[str]) -> None:
    """An order has its parent in OBR-29 or in ORC-8; one that is in both is not reported."""
    child = (fields("ORC", {1: "NW", 2: "P2^H"} | orc), fields("OBR", {2: "P2^H", 4: "1^x^LN"} | obr))
    found = made(PID, PARENT, *child, kind="ORM^O01")
    assert "reference" in resources(found, "ServiceRequest")[1]["basedOn"][0]
    assert left == [each.place for each in found.report]


def test_order_from_a_result() -> None:
    """An order has no results that could be derived from the one in OBR-26."""
    found = made(PID, PARENT, CHILD.format("634-6&Organism&LN^1", "P1&H^F1&L"), kind="ORM^O01")
    assert {"OBR[2]-26"} <= {each.place for each in found.report}
