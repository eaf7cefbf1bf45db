"""Orders that replace others."""

import pytest

from adapters.fhir.replacing import link_replacements
from tests.adapters.fhir.making import context

CASES = {
    "one by one": (["RP", "RO"], {1: [0]}),
    "two by one": (["RP", "RU", "RO"], {2: [0, 1]}),
    "one by two": (["RQ", "RO", "RO"], {1: [0], 2: [0]}),
    "two pairs": (["RP", "RO", "RP", "RO"], {1: [0], 3: [2]}),
    "another order between": (["RP", "NW", "RO"], {}),
    "nothing to replace": (["RO"], {}),
}


@pytest.mark.parametrize(("controls", "expected"), CASES.values(), ids=CASES)
def test_replacements(controls: list[str], expected: dict[int, list[int]]) -> None:
    """A replacement refers to the orders before it that are replaced."""
    found = [context().bundle.get("ServiceRequest", (str(number),)) for number in range(len(controls))]
    link_replacements(zip(controls, found, strict=True))
    assert expected == {
        number: [found.index(other) for each in one.body["replaces"] for other in found if other.reference == each]
        for number, one in enumerate(found)
        if "replaces" in one.body
    }
