"""Conditions, beyond what a search shows."""

import sqlite3

import pytest

from gateway.sandbox.fhir.definitions.parameters import find_parameter
from gateway.sandbox.fhir.outcome import FhirError
from gateway.sandbox.fhir.search.conditions import Conditions, UnknownParameterError, reference_match


@pytest.fixture
def conditions(connection: sqlite3.Connection) -> Conditions:
    """Return what builds conditions, without value sets."""
    return Conditions(connection, 1, lambda _: None)


def test_values_are_placeholders(conditions: Conditions) -> None:
    """No text of the client is part of the SQL."""
    for name, value in (("name", "x'"), ("identifier", "'|'"), ("organization.name", "'"), ("link", "'")):
        condition = conditions.of(["Patient"], name, value)
        assert "'" not in condition.text.replace("''", "")
        assert condition.text.count("?") == len(condition.values)


@pytest.mark.parametrize("name", ["spam", "name:", "organization.spam", "_has:Spam:patient:code"])
def test_unknown(conditions: Conditions, name: str) -> None:
    """A parameter that R4 does not define is known as such."""
    with pytest.raises(UnknownParameterError):
        conditions.of(["Patient"], name, "x")


def test_deep_chain(conditions: Conditions) -> None:
    """A chain has a limit."""
    with pytest.raises(FhirError):
        conditions.of(["Patient"], ".".join(["link:Patient"] * 8), "x")


def test_bare_id() -> None:
    """An ID without a type is one of the types that the parameter may point to."""
    parameter = find_parameter("Patient", "organization")
    assert parameter is not None
    assert reference_match(parameter, "", "1").values == ("1", "Organization")
    assert reference_match(parameter, "", "http://x/1").values == ("http://x/1",)
