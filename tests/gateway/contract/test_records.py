"""Records: equal by their fields, with slots; that nobody changes them is checked by mypy."""

import dataclasses

import pytest

from gateway.contract.records import record


@record
class Pair:
    """Two fields, one with a default."""

    first: int
    second: str = ""


def test_record() -> None:
    """Records with the same fields are equal and hash alike; a changed copy is another one."""
    one = Pair(1, "a")
    assert Pair(1, "a") == one
    assert hash(Pair(1, "a")) == hash(one)
    assert Pair(1, "b") == dataclasses.replace(one, second="b")
    assert "Pair(first=1, second='')" == repr(Pair(1))


def test_record_has_no_other_fields() -> None:
    """A record has no other fields than its class names."""
    with pytest.raises(AttributeError):
        Pair(1).third = 3  # type: ignore[attr-defined]


def test_mypy_takes_a_record_for_frozen() -> None:
    """The type checker rejects a change of a record: otherwise it would complain that the comment is not needed."""
    Pair(1).first = 2  # type: ignore[misc]
