"""Numbers and truth values are taken as they are written."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, ValidationError

from gateway.contract.scalars import Unquoted
from gateway.contract.settings import Settings


class Inner(Settings):
    """A group in a group."""

    number: int = 0


class Group(Settings):
    """One field of each sort."""

    whole: Annotated[int, Field(ge=0)] = 0
    maybe: int | None = None
    number: float = 0
    flag: bool = False
    choice: Literal[1, 2] = 1
    word: Literal["1", "2"] = "1"
    several: dict[str, tuple[int, ...]] = Field(default_factory=dict)
    either: str | int = 0
    inner: Inner = Inner()
    type: int = 0


TAKEN: dict[str, tuple[str, object, object]] = {
    "a number": ("whole", 5, 5),
    "a whole number with a point": ("whole", 5.0, 5),
    "nothing": ("maybe", None, None),
    "from the environment": ("whole", Unquoted("5"), 5),
    "an exponent": ("number", Unquoted("1e3"), 1000.0),
    "a truth value of the environment": ("flag", Unquoted("yes"), True),
    "a choice of the environment": ("choice", Unquoted("2"), 2),
    "a word of the environment": ("word", Unquoted("2"), "2"),
    "a text where it may be one": ("either", Unquoted("x"), "x"),
}


@pytest.mark.parametrize(("name", "given", "expected"), TAKEN.values(), ids=TAKEN)
def test_taken(name: str, given: object, expected: object) -> None:
    """What is of the right type is taken, and what comes out of the environment is turned into it."""
    made = getattr(Group.model_validate({name: given}), name)
    assert (expected, type(expected)) == (made, type(made))


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a truth value for a number": ({"whole": True}, "bool_for_number"),
    "a truth value for one that may be absent": ({"maybe": True}, "bool_for_number"),
    "a truth value for a number with a point": ({"number": False}, "bool_for_number"),
    "a truth value for a choice": ({"choice": True}, "bool_for_number"),
    "a text for a number": ({"whole": "5"}, "text_for_number"),
    "a text in a list in a mapping": ({"several": {"a": ["5"]}}, "text_for_number"),
    "a text in a group": ({"inner": {"number": "5"}}, "text_for_number"),
    "a field of the name type": ({"type": "5"}, "text_for_number"),
    "a number for a truth value": ({"flag": 1}, "other_for_flag"),
    "a text for a truth value": ({"flag": "yes"}, "other_for_flag"),
    "another text of the environment": ({"flag": Unquoted("perhaps")}, "bool_parsing"),
    "no finite number": ({"number": Unquoted("1e400")}, "finite_number"),
}


@pytest.mark.parametrize(("given", "expected"), REFUSED.values(), ids=REFUSED)
def test_refused(given: dict[str, Any], expected: str) -> None:
    """Where pydantic would turn one type into another, it is refused, at its own place."""
    with pytest.raises(ValidationError) as caught:
        Group.model_validate(given)
    assert [expected] == [each["type"] for each in caught.value.errors()]
