"""Parameters of a query."""

from datetime import date
from typing import Any

import pytest

from gateway.sandbox.bigquery.sql.parameters import read_parameters
from gateway.sandbox.bigquery.sql.refusing import QueryRefused
from tests.gateway.sandbox.bigquery.sql.asking import answer, value


def given(kind: str, text: str | None, name: str | None = None) -> dict[str, Any]:
    """Return a parameter as a request has it."""
    found: dict[str, Any] = {"parameterType": {"type": kind}, "parameterValue": {"value": text}}
    return found if name is None else {**found, "name": name}


def test_by_name() -> None:
    """A name is found in whatever case; a text stays a text, whatever is in it."""
    parameters = read_parameters({"queryParameters": [given("INT64", "2", "Id"), given("STRING", "a'; DROP", "t")]})
    assert [(2, "a'; DROP")] == answer("SELECT id, @t FROM images WHERE id = @ID", parameters)


def test_by_place() -> None:
    """The first ? is the first parameter, wherever it stands in the tree."""
    parameters = read_parameters({"queryParameters": [given("INT64", "10"), given("INT64", "2"), given("INT64", "1")]})
    assert [(12,)] == answer("SELECT id + ? FROM images WHERE id = ? LIMIT ?", parameters)


def test_types() -> None:
    """A value has the type that is said, and NULL too."""
    parameters = read_parameters(
        {
            "queryParameters": [
                given("DATE", "2020-02-01"),
                given("FLOAT64", "1"),
                given("BOOL", "true"),
                given("STRING", None),
            ]
        }
    )
    assert [(date(2020, 2, 1), 0.5, True, None)] == answer("SELECT ?, ? / 2, ?, ?", parameters)


def test_arrays() -> None:
    """A parameter may be an array."""
    kind = {"type": "ARRAY", "arrayType": {"type": "INT64"}}
    asked = {"name": "a", "parameterType": kind, "parameterValue": {"arrayValues": [{"value": "1"}, {"value": "3"}]}}
    parameters = read_parameters({"queryParameters": [asked]})
    assert [(1,), (3,)] == answer("SELECT id FROM images WHERE id IN UNNEST(@a) ORDER BY id", parameters)
    assert 2 == value("ARRAY_LENGTH(@a)", parameters)


@pytest.mark.parametrize("wrong", [given("INT64", "x"), given("GEOGRAPHY", "x"), given("BOOL", "1"), {}, 1])
def test_wrong(wrong: Any) -> None:
    """A value that its type does not have is refused."""
    with pytest.raises(QueryRefused):
        read_parameters({"queryParameters": [wrong]})
