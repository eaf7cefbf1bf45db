"""YAML text to plain data, with places."""

from typing import Any

import pytest

from gateway.config.yaml_text import MOST_LEVELS, MOST_VALUES, NotReadable, fill_in, read_yaml


def test_same_key_in_different_places() -> None:
    """Only within one mapping must a key be unique."""
    assert {"a": {"port": 1}, "b": {"port": 2}} == read_yaml("a: {port: 1}\nb: {port: 2}\n").data


def mistakes(text: str) -> list[tuple[tuple[int, int], str, str]]:
    """Return what is wrong with *text*."""
    try:
        found = read_yaml(text).mistakes
    except NotReadable as error:
        found = list(error.mistakes)
    return [(each.place, each.path, each.text) for each in found]


def test_key_twice() -> None:
    """A key that stands twice is an error at its second place."""
    expected = [((3, 3), "a.port", "this key is given twice, first in line 2; remove one")]
    assert expected == mistakes("a:\n  port: 1\n  port: 2\n")


DATA: dict[str, tuple[str, dict[str, Any]]] = {
    "a key is a text": ("1: {yes: 3, 0010: 4}", {"1": {"yes": 3, "0010": 4}}),
    "an alias": ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
    "merged": ("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}", {"a": {"p": 1, "q": 2}, "b": {"p": 1, "q": 3}}),
    "merged with a key of its own first": ("a: &x {p: 1}\nb: {p: 2, <<: *x}", {"a": {"p": 1}, "b": {"p": 2}}),
    "of two merged the first counts": ("a: &x {p: 1}\nb: &y {p: 2}\nc: {<<: [*x, *y]}", {"c": {"p": 1}}),
    "merged twice over": ("a: &x {p: 1}\nb: &y {<<: *x, p: 2}\nc: {<<: *y}", {"b": {"p": 2}, "c": {"p": 2}}),
    "an exponent": ("a: 1e3\nb: '1e3'", {"a": "1e3", "b": "1e3"}),
    "an exponent of YAML": ("a: 1.0e+3", {"a": 1000.0}),
    "JSON": ('{"a": [true, null, -1.5]}', {"a": [True, None, -1.5]}),
}


@pytest.mark.parametrize(("text", "expected"), DATA.values(), ids=DATA)
def test_data(text: str, expected: dict[str, Any]) -> None:
    """What the text holds is read as its writer means it."""
    document = read_yaml(text)
    assert expected == {key: document.data[key] for key in expected}
    assert [] == document.mistakes


PLACES = {
    "a text": ("listeners.adt.host", (3, 11)),
    "its key": ("listeners.adt", (2, 3)),
    "a list's entry": ("routes[1]", (6, 5)),
    "in a list's entry": ("routes[1].to", (6, 11)),
    "a key that is missing": ("routes[0].from", (5, 5)),
    "an entry that is missing": ("routes[7].from", (4, 1)),
    "a section that is missing": ("destinations", (1, 1)),
}


@pytest.mark.parametrize(("path", "expected"), PLACES.values(), ids=PLACES)
def test_place(path: str, expected: tuple[int, int]) -> None:
    """The place of a value is its own where it is a scalar, else that of its key, else where it belongs."""
    document = read_yaml(
        "listeners:\n  adt:\n    host: x\nroutes:\n- a: b\n- {to:  c}\n".replace("- a", "  - a").replace("- {", "  - {")
    )
    assert expected == document.place(path)


UNREADABLE = {
    "an alias in its own value": ("a: &a [*a]", (1, 4), "a[0]", "contains itself"),
    "a merge of itself": ("a: &a {<<: *a}", (1, 4), "a", "contains itself"),
    "nested deeply": ("[" * 5000, (1, MOST_LEVELS + 1), "", f"is nested more than {MOST_LEVELS} levels deep"),
    "nested deeply in blocks": (
        "\n".join(" " * level + "a:" for level in range(99)),
        (MOST_LEVELS, MOST_LEVELS),
        "",
        f"is nested more than {MOST_LEVELS} levels deep",
    ),
    "a text": ("hello", (1, 1), "", "must be a YAML mapping"),
    "a list": ("\n- a", (2, 1), "", "must be a YAML mapping"),
    "nothing": ("# nothing\n", (1, 1), "", "is empty; it must be a YAML mapping"),
}


@pytest.mark.parametrize(("text", "place", "path", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable(text: str, place: tuple[int, int], path: str, reason: str) -> None:
    """What no configuration can be made of is one mistake with its place."""
    ((found, where, said),) = mistakes(text)
    assert (place, path) == (found, where)
    assert said.startswith(reason)


def test_aliases_of_aliases() -> None:
    """Aliases cannot expand a small file to so many values that memory runs out."""
    lines = ["x0: &x0 [1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]" for n in range(1, 9)]
    ((_, _, said),) = mistakes("\n".join(lines))
    assert said.startswith(f"has more than {MOST_VALUES:,} values once its aliases")


SCALARS = {
    "base 8": (
        "02575",
        "02575 is a number of base 8 in YAML; write it without the leading 0, or put a text",
    ),
    "base 60": ("25:75", ""),
    "really base 60": ("25:45", "25:45 is a number of base 60 in YAML; write a plain number, or put a text in quotes"),
    "no date": ("2020-13-45", "looks like a number or a date, but is not valid; put a text in quotes"),
    "a tag": ("!!python/object:os.system x", "has the tag `python/object:os.system`, which is not known here"),
    "another tag": ("!secret x", "has the tag `!secret`, which is not known here; remove it"),
    "a tag of a mapping": ("!secret {b: c}", "has the tag `!secret`, which is not known here; remove it"),
    "no merge": ("{<<: 3}", "`<<` takes a mapping, or a list of mappings; write `<<: *anchor`"),
    "a key that is a list": ("{[1]: 2}", "has a key that is a list or a mapping; a key is a text"),
}


@pytest.mark.parametrize(("text", "expected"), SCALARS.values(), ids=SCALARS)
def test_scalars_that_mislead(text: str, expected: str) -> None:
    """A value that YAML reads differently from what was meant is a mistake."""
    found = mistakes(f"a: {text}")
    assert bool(expected) == bool(found)
    assert all(said.startswith(expected) for _, _, said in found)


def test_fill_in() -> None:
    """Strings in mappings and lists are filled in; everything else stays."""
    missing: dict[str, str] = {}
    raw = {"a": ["${X}/b", 1], "c": "$X", "d": None}
    assert {"a": ["x/b", 1], "c": "$X", "d": None} == fill_in(raw, {"X": "x"}, missing)
    assert {} == missing


def test_missing_variables_are_named_with_their_path() -> None:
    """Each value whose variables the environment lacks is named once."""
    missing: dict[str, str] = {}
    fill_in({"a": {"b": ["${X}", "${Y}${Z}${Y}"]}}, {"X": "x"}, missing)
    assert {"a.b[1]": "the environment has no Y, Z; set them or write the value here"} == missing
