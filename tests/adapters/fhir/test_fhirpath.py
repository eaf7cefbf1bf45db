"""Assertions in FHIRPath about the bundles of messages, run by fhirpathpy; ``fhirpath/README.md`` has their form."""

import re
from collections import Counter
from functools import cache
from typing import Any

import pytest

from adapters.fhir.convert import CONVERTERS
from tests.adapters.fhir.facts import HERE, Fact, Json, converted, facts, kind, named, names
from tests.adapters.fhir.judges import judge

fhirpathpy = pytest.importorskip("fhirpathpy", reason="fhirpathpy is not installed")

LEAST = 20
"""Assertions for each type of message."""
FACTS = [each for name in names() for each in facts(name)]


@cache
def bundle(name: str) -> Json:
    """Return the bundle of a message."""
    return named(converted(name))


def results(expression: str, of: Json) -> str:
    """Return what an expression gives, as text."""
    # ``Patient.name`` is about the patients of the bundle.
    path = re.sub(r"^([A-Z]\w+)", r"entry.resource.where(resourceType = '\1')", expression)
    found = fhirpathpy.evaluate(of, path)
    return ", ".join(map(_shown, found)) if found else "{}"


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("fact", FACTS, ids=lambda each: f"{each.name}:{each.line}")
def test_fact(fact: Fact) -> None:
    """The bundle of the message says what the line expects."""
    assert fact.expected == results(fact.expression, bundle(fact.name)), fact.expression


@pytest.mark.parametrize("name", names())
def test_judges(name: str) -> None:
    """The bundle of each message is R4."""
    assert [] == judge(converted(name).resources())


def test_enough() -> None:
    """Each type of message has enough assertions, and each file of assertions has its message."""
    counts = Counter(kind(each.name) for each in FACTS)
    assert [] == [each for each in map(kind, names()) if counts[each] < LEAST]
    assert names() == sorted(each.stem for each in (HERE / "fhirpath").glob("*.txt"))


WHOLE = ("SIU", "RDE", "BAR", "MDM")
"""Types of messages of which each event has a message of its own; ADT, ORU and orders are in the corpus."""


@pytest.mark.parametrize("event", [f"{kind}_{event}" for kind, event in CONVERTERS if kind in WHOLE and event])
def test_each_event(event: str) -> None:
    """Each event of these types has a message with assertions."""
    assert event in names()


BROKEN: Json = {"entry": [{"resource": {"resourceType": "Patient", "active": True, "name": [{"given": ["A", "B"]}]}}]}
SHOWN = {
    "Patient.active": "true",
    "Patient.name.given": "A, B",
    "Patient.birthDate": "{}",
    "Patient.name.given.count()": "2",
    "entry.count()": "1",
    "Patient.active = false": "false",
}


@pytest.mark.parametrize(("expression", "expected"), SHOWN.items())
def test_results(expression: str, expected: str) -> None:
    """Results are written as the assertions expect them."""
    assert expected == results(expression, BROKEN)
