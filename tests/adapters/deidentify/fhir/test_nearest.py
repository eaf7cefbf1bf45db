"""Patients are found by way of other resources."""

import pytest

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.fhir.nearest import FARTHEST, Found, nearest, only
from adapters.deidentify.pseudonyms.domains import Patient

ONE, TWO, THREE = (Patient("hospital", each) for each in "123")
UNKNOWN = HeldBackError("unknown")


def test_nearest() -> None:
    """What names a patient keeps it; others get those of the nearest ones, not of those behind them."""
    found = nearest({1: [ONE], 2: [TWO]}, {3: {1}, 4: {3, 2}, 5: {4}, 6: set(), 7: {6, 99}})
    assert {each: list(patients) for each, patients in found.items()} == {
        1: [ONE],
        2: [TWO],
        3: [ONE],
        4: [TWO],
        5: [TWO],
    }


def test_as_near() -> None:
    """Two at the same distance are several."""
    assert set(nearest({1: [ONE], 2: [TWO]}, {3: {1}, 4: {2}, 5: {3, 4}})[5]) == {ONE, TWO}


def test_far() -> None:
    """So many references are followed, and no more."""
    links = {each: {each - 1} for each in range(1, FARTHEST + 2)}
    found = nearest({0: [ONE]}, links)
    assert FARTHEST in found
    assert FARTHEST + 1 not in found


def test_circle() -> None:
    """A circle leads to nobody, and ends."""
    assert nearest({}, {1: {2}, 2: {1}, 3: {3}}) == {}


@pytest.mark.parametrize(
    ("found", "expected"),
    [([ONE], ONE), ([ONE, ONE, ONE], ONE), ([ONE, UNKNOWN], UNKNOWN), ([ONE, TWO, THREE, UNKNOWN], UNKNOWN)],
)
def test_only(found: list[Found], expected: Found) -> None:
    """One patient, however often; a patient that is not known is a problem beside any other."""
    assert only(found) is expected


def test_none() -> None:
    """Nobody and several are told apart."""
    assert "names no patient" in str(only([]))
    assert "several patients" in str(only([ONE, TWO]))
