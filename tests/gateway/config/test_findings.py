"""What pydantic finds, as problems: each with its path as written, and once."""

from typing import Any, cast

import pytest
from pydantic_core import ErrorDetails

from gateway.config.findings import Problem, setting_problems
from gateway.config.loading import Config

PATHS: dict[str, tuple[Any, tuple[str | int, ...], str]] = {
    "a key": ({}, ("routes",), "routes"),
    "an item of a list": ({"routes": [{}]}, ("routes", 0, "to"), "routes[0].to"),
    "behind a kind": ({"listeners": {"a": {"kind": "mllp"}}}, ("listeners", "a", "mllp", "port"), "listeners.a.port"),
    "a kind as a whole": ({"listeners": {"a": {"kind": "mllp"}}}, ("listeners", "a", "mllp"), "listeners.a"),
    "a listener named as a kind": (
        {"listeners": {"mllp": {"kind": "mllp"}}},
        ("listeners", "mllp", "mllp", "port"),
        "listeners.mllp.port",
    ),
    "in what is no mapping": ({"listeners": 3}, ("listeners", "a"), "listeners.a"),
}


@pytest.mark.parametrize(("raw", "loc", "expected"), PATHS.values(), ids=PATHS)
def test_path(raw: Any, loc: tuple[str | int, ...], expected: str) -> None:
    """A path is written as in the file, without what the validation put in."""
    error = cast("ErrorDetails", {"type": "missing", "loc": loc, "msg": "", "input": None})
    assert [Problem(expected, "is missing; add it")] == setting_problems(Config, raw, [error], {})


def found(loc: tuple[str | int, ...], sort: str, value: object) -> ErrorDetails:
    """Return an error as pydantic has it."""
    return cast("ErrorDetails", {"type": sort, "loc": loc, "msg": "", "input": value, "ctx": {}})


def test_several_types() -> None:
    """A value that fits none of several types is one mistake."""
    raw = {"routes": [{"to": 3}]}
    errors = [
        found(("routes", 0, "to", sort), f"{kind}_type", 3) for sort, kind in (("str", "string"), ("list[str]", "list"))
    ]
    expected = [Problem("routes[0].to", 'must be a text or a list; put a text in quotes: "3"')]
    assert expected == setting_problems(Config, raw, errors, {"routes[0].to": "3"})


def test_the_type_that_was_meant() -> None:
    """Where a value has the shape of one of several types, only what is wrong inside is told."""
    raw = {"routes": [{"to": [3]}]}
    errors = [
        found(("routes", 0, "to", "str"), "string_type", [3]),
        found(("routes", 0, "to", "list[str]", 0), "string_type", 3),
    ]
    expected = [Problem("routes[0].to[0]", 'must be a text; put it in quotes: "3"')]
    assert expected == setting_problems(Config, raw, errors, {})


def test_a_misspelt_key_is_not_missing_too() -> None:
    """A required key is not reported as missing if an unknown key is similar to it."""
    raw: dict[str, Any] = {"rutes": []}
    errors = [found(("rutes",), "extra_forbidden", []), found(("routes",), "missing", raw)]
    expected = [Problem("rutes", "is not a known key; did you mean `routes`?", is_key=True)]
    assert expected == setting_problems(Config, raw, errors, {})


def test_a_key_that_is_wrong_itself() -> None:
    """The path does not contain pydantic's marker for keys."""
    raw: dict[str, Any] = {"listeners": {"a b": {}}}
    (problem,) = setting_problems(Config, raw, [found(("listeners", "a b", "[key]"), "too_long", "a b")], {})
    assert ("listeners.a b", True) == (problem.path, problem.is_key)
