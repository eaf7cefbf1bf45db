"""Texts that must have a form."""

from typing import Annotated

import pytest
from pydantic import TypeAdapter, ValidationError

from gateway.contract.forms import Form

Word: TypeAdapter[str] = TypeAdapter(Annotated[str, Form("[a-z]+", "is no word; write letters from a to z")])


@pytest.mark.parametrize(
    ("text", "expected"), [("A1", "is no word; write letters"), ("", "is empty; write letters"), ("a\n", "is no word")]
)
def test_another_form(text: str, expected: str) -> None:
    """The whole text must have it; the sentence says what to write, and does not repeat the text."""
    with pytest.raises(ValidationError, match=expected):
        Word.validate_python(text)


def test_form() -> None:
    """A text that has it is taken, and the schema shows it."""
    assert "word" == Word.validate_python("word")
    assert {"type": "string", "pattern": "^(?:[a-z]+)$"} == Word.json_schema()
