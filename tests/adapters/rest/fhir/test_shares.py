"""Parts of a list that a message does not say."""

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest

from adapters.rest.fhir.entries import Entry
from adapters.rest.fhir.merging import created, merged
from adapters.rest.fhir.shares import kept
from tests.adapters.rest.fhir.making import entry

Json = dict[str, Any]
HOME, WORK = "telecom(use=home)", "telecom(use=work)"


def number(use: str, value: str) -> Json:
    """Return a telephone number."""
    return {"use": use, "value": value}


def says(day: int, *numbers: Json, keeps: Sequence[str] = ()) -> Entry:
    """Return a message with these numbers; without one it deletes them."""
    if numbers:
        return entry({"telecom": list(numbers)}, day, owns=("telecom",), keeps=tuple(keeps))
    return entry({}, day, clears=("telecom",), keeps=tuple(keeps))


STORIES: dict[str, tuple[list[Json] | None, list[Entry]]] = {
    "one of two changes": (
        [number("home", "3"), number("work", "2")],
        [says(1, number("home", "1"), number("work", "2")), says(2, number("home", "3"), keeps=[WORK])],
    ),
    "nothing is kept": (
        [number("home", "3")],
        [says(1, number("home", "1"), number("work", "2")), says(2, number("home", "3"))],
    ),
    "the other field has such a number": (
        [number("work", "3")],
        [says(1, number("home", "1"), number("work", "2")), says(2, number("work", "3"), keeps=[WORK])],
    ),
    "one is deleted": (
        [number("work", "2")],
        [says(1, number("home", "1"), number("work", "2")), says(2, keeps=[WORK])],
    ),
    "all are deleted": (None, [says(1, number("home", "1"), number("work", "2")), says(2)]),
    "each by its own field": (
        [number("home", "5"), number("work", "4")],
        [
            says(1, number("home", "1"), number("work", "2")),
            says(2, number("home", "3"), keeps=[WORK]),
            says(3, number("work", "4"), keeps=[HOME]),
            says(4, number("home", "5"), keeps=[WORK]),
        ],
    ),
    "deleted between": (
        [number("home", "5")],
        [says(1, number("work", "2"), keeps=[HOME]), says(2), says(3, number("home", "5"), keeps=[WORK])],
    ),
}


@pytest.mark.parametrize(("expected", "entries"), STORIES.values(), ids=STORIES)
def test_any_order(expected: list[Json] | None, entries: list[Entry]) -> None:
    """Each number is the one that was said last, in whatever order the messages come."""
    for first, *others in permutations(entries):
        resource = created(first, {})
        for each in others:
            resource = merged(resource, each, {})
        listed = resource.get("telecom")
        assert expected == (listed and sorted(listed, key=lambda one: str(one["use"])))


def test_kept() -> None:
    """The parts of that list of which the message has no item."""
    found = entry({"telecom": [number("home", "1")]}, keeps=(WORK, HOME, "name(use=old)"))
    assert [WORK] == kept(found, "telecom")


def test_odd_list() -> None:
    """What others have written in the place of a list is left alone by a late message, and replaced by a newer one."""
    resource = created(says(2, number("home", "1"), keeps=[WORK]), {}) | {"telecom": {"value": "odd"}}
    assert {"value": "odd"} == merged(resource, says(1, number("work", "2")), {})["telecom"]
    assert [number("home", "3")] == merged(resource, says(3, number("home", "3"), keeps=[WORK]), {})["telecom"]
