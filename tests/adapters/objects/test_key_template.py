"""Keys of objects: what a template may name, and that no value leads out of its place."""

import re

import pytest

from adapters.objects.key_template import DEFAULTS, check_template, filled


def test_defaults() -> None:
    """What is used where no key is given is itself a template."""
    assert all(check_template(each) == each for each in DEFAULTS.values())


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{study}/{patient}", "{patient} is not known"),
        ("{study}/{series}.dcm", "names neither {instance} nor {digest}"),
        ("live/{instance", "has a brace"),
        ("/{instance}", "empty part"),
        ("../{instance}", "empty part, or . or .."),
        ("a//{instance}", "empty part"),
    ],
)
def test_no_template(template: str, why: str) -> None:
    """The text says what to write."""
    with pytest.raises(ValueError, match=re.escape(why)):
        check_template(template)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("1.2.3", "1.2.3"),
        ("a/b", "a%2Fb"),
        ("..", "%2E%2E"),
        ("ADT^A01", "ADT%5EA01"),
        ("Bär", "B%C3%A4r"),
        ("a\0", "a%00"),
    ],
)
def test_values(value: str, written: str) -> None:
    """A value is one part of the path, whatever it is."""
    assert filled("x/{control_id}/{digest}", {"control_id": value, "digest": "d"}) == f"x/{written}/d"


def test_missing() -> None:
    """Without a value there is no key."""
    assert filled("{study}/{instance}", {"instance": "1"}) is None
