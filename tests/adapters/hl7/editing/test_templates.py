"""What is written for a match."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hl7.editing.escapes import Text
from adapters.hl7.editing.templates import read_rule


@given(
    st.text(st.sampled_from("ab1 "), max_size=12),
    st.sampled_from(["a", "(a)(b)?", "^", "$", "(?P<n>a+)b*", "x", "", "(?i)B", r"\b"]),
    st.sampled_from(["", "x", r"<\g<0>>", r"\\", "$1"]),
)
def test_is_what_python_does(text: str, pattern: str, template: str) -> None:
    """On a text without escape sequences a rule does what `re.sub` does."""
    pieces = list(read_rule(pattern, template).pieces(Text(text, text)))
    assert re.sub(pattern, template, text) == ("".join(piece for piece, _ in pieces) if pieces else text)


MISTAKES = {
    "no pattern": ("(", "", "pattern is no regular expression"),
    "a range that is none": ("[b-a]", "", "pattern is no regular expression"),
    "a group that is missing": ("(a)", r"\2", "the group 2"),
    "a name that is missing": ("(?P<n>a)", r"\g<m>", "the group m"),
    "an escape that is none": ("a", r"\n", "backslash"),
    "a backslash at the end": ("a", "\\", "backslash"),
}


@pytest.mark.parametrize(("pattern", "template", "reason"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes(pattern: str, template: str, reason: str) -> None:
    """The error for a mistake says what to do."""
    with pytest.raises(ValueError, match=reason) as found:
        read_rule(pattern, template)
    assert "; " in str(found.value)
