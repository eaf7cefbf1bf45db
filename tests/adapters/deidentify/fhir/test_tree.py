"""The tree of what stays: its texts can be removed until it is written."""

from typing import Any

import pytest

from adapters.deidentify.fhir.tree import Leaf, Node, objects_in, objects_of, text_of


def test_clear() -> None:
    """A text that is removed is empty."""
    leaf = Leaf("Sodium")
    leaf.clear()
    assert leaf.text == ""


def test_leaves() -> None:
    """The texts of an object are its own, those of its lists among them, without those of the objects in it."""
    one, two, inner = Leaf("1"), Leaf("2"), Leaf("3")
    node = Node("Patient", items={"id": one, "given": [two, True], "name": [Node("HumanName", items={"x": inner})]})
    assert list(node.leaves()) == [one, two]


def test_each_has_its_own() -> None:
    """Two objects share nothing, and equal texts are two texts: one can go without the other."""
    assert Node("Patient").items is not Node("Patient").items
    assert Leaf("1") != Leaf("1")


@pytest.mark.parametrize(
    ("value", "text"), [(" a ", "a"), ("", ""), (None, ""), (1, ""), (["a"], ""), ({"a": "b"}, ""), (True, "")]
)
def test_text(value: Any, text: str) -> None:
    """An element that is no text counts as an empty one."""
    assert text_of({"x": value}, "x") == text
    assert text_of({}, "x") == ""


def test_objects_of() -> None:
    """A single object is taken for a list of one; what is no object is passed over."""
    assert objects_of({"a": 1}) == [{"a": 1}]
    assert objects_of([{"a": 1}, "b", None, [{"c": 1}]]) == [{"a": 1}]
    assert objects_of("a") == objects_of(None) == []


def test_objects_in() -> None:
    """Every object is found at any depth, in lists of lists as well, the outermost first."""
    tree = {"a": [[{"b": {}}], "x"], "c": {"d": 1}}
    found = list(objects_in(tree))
    assert found[0] is tree
    assert len(found) == 4
    assert {"d": 1} in found
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"a": [deep]}
    assert sum(1 for _ in objects_in(deep)) == 5001
