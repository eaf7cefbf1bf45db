"""Which segment belongs to which order."""

import pytest

from adapters.fhir.segments import Order, orders_of
from tests.adapters.fhir.making import context, segment


def order_list(text: str, has_prior: bool = True) -> list[Order]:
    """Return the orders of segments, of which each is a name, or a name and its first fields."""
    return orders_of([segment(each) for each in text.split()], has_prior, context())


def names(found: Order) -> dict[str, list[str]]:
    """Return the names of the segments of an order."""
    lists = ("timings", "notes", "reasons", "details", "steps", "people", "prior")
    return {name: [each.name for each in getattr(found, name)] for name in lists if getattr(found, name)}


CASES: dict[str, tuple[str, list[dict[str, list[str]]]]] = {
    "one order": ("ORC|NW OBR", [{}]),
    "its parts": (
        "ORC|NW TQ1 OBR NTE DG1 OBX NTE IPC ZDS",
        [
            {
                "timings": ["TQ1"],
                "notes": ["NTE"],
                "reasons": ["DG1"],
                "details": ["OBX", "NTE"],
                "steps": ["IPC", "ZDS"],
            }
        ],
    ),
    "a comment after a diagnosis is one on the order": ("ORC|NW OBR DG1 NTE", [{"reasons": ["DG1"], "notes": ["NTE"]}]),
    "people of the order and of an observation": (
        "ORC|NW PRT OBR PRT OBX PRT NTE",
        [{"people": ["PRT", "PRT"], "details": ["OBX", "NTE"]}],
    ),
    "a segment of another kind": ("ORC|NW OBR OBX TCD NTE", [{"details": ["OBX", "NTE"]}]),
    "two orders": ("ORC|NW OBR NTE ORC|NW OBR", [{"notes": ["NTE"]}, {}]),
    "a comment before the orders is not theirs": ("NTE ORC|NW OBR", [{}]),
    "only OBR": ("OBR NTE OBR", [{"notes": ["NTE"]}, {}]),
    "a prior result after PV1": (
        "ORC|NW OBR PV1 ORC|SC OBR OBX ORC|NW OBR",
        [{"prior": ["PV1", "ORC", "OBR", "OBX"]}, {}],
    ),
    "a prior result after PID": ("ORC|NW OBR PID OBR OBX", [{"prior": ["PID", "OBR", "OBX"]}]),
    "a prior result by its ORC-1": ("ORC|NW OBR ORC|PR OBR OBX ORC|CA", [{"prior": ["ORC", "OBR", "OBX"]}, {}]),
    "PV1 in a place that no version has": ("ORC|NW PV1 OBR", [{}]),
    "a result that is none": ("ORC|PR OBR", [{}]),
    "no order": ("NTE OBX DG1", []),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_orders(text: str, expected: list[dict[str, list[str]]]) -> None:
    """A segment belongs to the order before it."""
    assert expected == list(map(names, order_list(text)))


def test_no_prior() -> None:
    """ORM has no prior results: its PV1 belongs to the patient."""
    assert [{}, {}] == list(map(names, order_list("ORC|NW OBR PV1 ORC|NW OBR", has_prior=False)))


def test_specimens() -> None:
    """What follows a specimen belongs to it."""
    (found,) = order_list("ORC|NW OBR OBX SPM NTE SAC NTE OBX NTE SPM")
    first, second = found.specimens
    assert (["OBX"], [], 2) == ([each.name for each in found.details], found.notes, len(first.notes))
    assert (["SAC"], ["OBX", "NTE"]) == (
        [each.name for each in first.containers],
        [each.name for each in first.details],
    )
    assert [] == second.details


SHARED = {"OBR": True, "OBR|1|P1": True, "OBR|1|P2": False, "OBR|1||F1": False}


@pytest.mark.parametrize(("obr", "is_shared"), SHARED.items())
def test_one_orc_for_several(obr: str, is_shared: bool) -> None:
    """An ORC before several OBR is that of each, unless the OBR has another number."""
    _, second = order_list(f"ORC|NW|P1 OBR|1|P1 {obr}")
    assert is_shared == (second.orc is not None)


def test_medicine() -> None:
    """An order with RXO is one of a medicine."""
    assert [True, False] == [each.is_medicine for each in order_list("ORC|NW RXO ORC|NW OBR")]
