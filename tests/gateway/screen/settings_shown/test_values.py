"""How single values of the configuration are written."""

from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import BaseModel

from gateway.screen.settings_shown.values import as_text, is_single, joined, parts_of


class Colour(StrEnum):
    """A choice."""

    RED = "red"


class Group(BaseModel):
    """A group of keys."""


TEXTS: list[tuple[object, str]] = [
    (None, "none"),
    (True, "true"),
    (False, "false"),
    (30.0, "30"),
    (0.25, "0.25"),
    (86400.0, "86400"),
    (7, "7"),
    ("", '""'),
    ("text", "text"),
    ({}, "none"),
    (Path("/etc/hilum"), "/etc/hilum"),
    (Colour.RED, "red"),
    (ip_network("10.0.0.0/8"), "10.0.0.0/8"),
]


@pytest.mark.parametrize(("value", "text"), TEXTS, ids=repr)
def test_text(value: object, text: str) -> None:
    """Each value is written as in a configuration file."""
    assert text == as_text(value)


def test_single() -> None:
    """A list of plain values is one row; a group, a list of groups and a mapping are not."""
    single: list[object] = [1, None, {}, (), ["a", "b"]]
    several: list[object] = [Group(), [Group()], {"a": 1}, (("a",),)]
    assert ([True] * 5, [False] * 4) == (list(map(is_single, single)), list(map(is_single, several)))


def test_parts() -> None:
    """A set has a stable order, a list keeps its own."""
    assert ["a", "b"] == parts_of(frozenset({"b", "a"}))
    assert ["b", "a"] == parts_of(("b", "a"))
    assert ["text"] == parts_of("text")


def test_joined() -> None:
    """An empty list is said in a word."""
    assert ("a, b", "none") == (joined(["a", "b"]), joined([]))
