"""Addresses of people and organizations."""

from collections.abc import Callable
from typing import Any

import pytest

from adapters.fhir.addresses import address, place_text
from tests.adapters.fhir.making import context

CASES: list[tuple[Callable[..., Any], str, str, Any]] = [
    (
        address,
        "Way 1&Way&1^Door 2^Town^ST^12345^DE^H^^County",
        "",
        {
            "use": "home",
            "line": ["Way 1", "Door 2"],
            "city": "Town",
            "district": "County",
            "state": "ST",
            "postalCode": "12345",
            "country": "DE",
        },
    ),
    (address, "&Way&1^^Town", "", {"line": ["Way 1"], "city": "Town"}),
    (address, "^^^^^^M", "", None),
    (place_text, "Town^Land", "", {"text": "Town Land"}),
]


@pytest.mark.parametrize(("function", "raw", "argument", "expected"), CASES)
def test_value(function: Callable[..., Any], raw: str, argument: str, expected: Any) -> None:
    """One repetition of a field in HL7, and what it is in FHIR."""
    assert expected == function(raw, context(), argument)


STREETS = {
    "1000&Hospital Lane^Ste. 1": ["1000", "Hospital Lane", "Ste. 1"],
    "Way 1&Way&1": ["Way 1"],
    "&Way&1": ["Way 1"],
}


@pytest.mark.parametrize(("raw", "lines"), STREETS.items())
def test_street(raw: str, lines: list[str]) -> None:
    """Street, its name and the number of the house are lines, unless the first one has them."""
    made = address(raw, context())
    assert made is not None
    assert lines == made["line"]


def test_time_of_an_address() -> None:
    """The time for which an address is valid may be one component; a county may have a code before its name."""
    made = address("A^^^^^^^^&W^^^20240501&20240502", context())
    assert made is not None
    assert ({"start": "2024-05-01", "end": "2024-05-02"}, "W") == (made["period"], made["district"])
