"""Where values are put."""

from typing import Any

import pytest

from adapters.fhir.bundle import Resource
from adapters.fhir.putting import choose, loses, put
from adapters.fhir.report import Reason
from adapters.fhir.tables import Step
from tests.adapters.fhir.making import context

PLACES: dict[str, tuple[tuple[Step, ...], Any, dict[str, Any]]] = {
    "an element": ((Step("gender"),), "male", {"gender": "male"}),
    "below an element": ((Step("period"), Step("end")), "2024", {"period": {"end": "2024"}}),
    "a list": ((Step("name", is_list=True),), "A", {"name": ["A"]}),
    "below the first item of a list": ((Step("dose", is_list=True), Step("text")), "A", {"dose": [{"text": "A"}]}),
    "an extension": (
        (Step("extension", extension="u"),),
        {"valueString": "A"},
        {"extension": [{"url": "u", "valueString": "A"}]},
    ),
}


@pytest.mark.parametrize(("steps", "value", "expected"), PLACES.values(), ids=PLACES)
def test_put(steps: tuple[Step, ...], value: Any, expected: dict[str, Any]) -> None:
    """A value is put where the steps lead."""
    body: dict[str, Any] = {}
    assert put(body, steps, value)
    assert expected == body


SECOND = {
    "the same": ("gender", "male", False),
    "another": ("gender", "female", True),
    "another type of the choice, which says no more": ("deceasedBoolean", True, False),
    "another type of the choice, which denies it": ("deceasedBoolean", False, True),
    "another type of the choice, which says something else": ("onsetString", "once", True),
}


@pytest.mark.parametrize(("name", "value", "is_lost"), SECOND.values(), ids=SECOND)
def test_second(name: str, value: Any, is_lost: bool) -> None:
    """The first value of an element or a choice stays; a second one that says something else is lost."""
    body = {"gender": "male", "deceasedDateTime": "2024", "onsetDateTime": "2024"}
    before = dict(body)
    assert not put(body, (Step(name),), value)
    assert (before, is_lost) == (body, loses(body, (Step(name),), value))


def test_choose() -> None:
    """A second value for an element of the resource is reported."""
    there, found = context(), Resource("Patient", (), "", {})
    assert [True, False] == [choose("gender", each, found, there) for each in ("male", "female")]
    assert [Reason.REPEATED] == [each.reason for each in there.report]
