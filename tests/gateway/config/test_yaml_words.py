"""Texts that are no YAML, each with its place and a sentence."""

import pytest

from gateway.config.yaml_text import NotReadable, read_yaml

TEXTS = {
    "a tab": ("a:\n\tb: 1", (2, 1), "the indentation contains a tab; use spaces"),
    "a colon in a text": ("a: b: c", (1, 5), "a second `key:` is where a value belongs;"),
    "too far in": (
        "a:\n  b: 1\n    c: 2",
        (3, 6),
        "a second `key:` is where a value belongs;",
    ),
    "not far enough in": (
        "a:\n  b: 1\n c: 2",
        (3, 2),
        "its indentation does not fit the lines above",
    ),
    "a list behind a key": ("a: - b", (1, 4), "a list cannot begin after `key:`; begin it on the next line"),
    "behind a quote": ("a: 'b' c", (1, 8), "text follows after a closing quote; quote the text as a whole"),
    "an open quote": ("a: 1\nb: 'x\nc: 2\n", (2, 4), "the quote that begins here is not closed; close it"),
    "an open brace": (
        "a: {b: 1\nc: 2",
        (1, 4),
        "the bracket that begins here is not closed",
    ),
    "an open bracket": (
        "a: [1, 2",
        (1, 4),
        "the bracket that begins here is not closed, or a comma is missing",
    ),
    "an open bracket at the end": ("a: [", (1, 5), "a bracket or a value is missing at the end; add it"),
    "a bracket too many": ("a: [1]]", (1, 7), "this `]` closes no bracket; remove it, or put the text in quotes"),
    "a variable between brackets": (
        "a: {b: ${NAME}}",
        (1, 9),
        'between brackets a value with `${` needs quotes; write "${NAME}"',
    ),
    "a backslash": ('a: "C:\\hilum"', (1, 8), "a backslash in double quotes begins an escape; use single quotes"),
    "an alias of nothing": (
        "a: *x",
        (1, 4),
        "`*x` has no anchor; put `&x` before",
    ),
    "a star": ("a: *", (1, 5), "`&` and `*` begin the name of an anchor; put a text in quotes"),
    "an anchor twice": ("a: &x 1\nb: &x 2", (2, 4), "this anchor has been defined already; give it another name"),
    "two documents": ("a: 1\n---\nb: 2", (2, 1), "a second document begins here; the configuration is one document"),
    "a percent sign": ("a: %x", (1, 4), "a text cannot begin with `%`; put it in quotes"),
    "an at sign": ("a: @x", (1, 4), "a text cannot begin with `@`; put it in quotes"),
    "a control character": ("a: 1\nb: x\x01", (2, 5), "there is a control character here; remove it"),
    "a line without a colon": (
        "a: 1\nb\nc: 2",
        (2, 1),
        "a line is neither `key: value` nor an entry of a list; add",
    ),
    "something else": (
        "%YAML 3\na: 1",
        (1, 8),
        "it cannot be parsed; look at indentation, quotes and brackets",
    ),
}


@pytest.mark.parametrize(("text", "place", "expected"), TEXTS.values(), ids=TEXTS)
def test_sentence(text: str, place: tuple[int, int], expected: str) -> None:
    """The place and the sentence say where and what to correct."""
    with pytest.raises(NotReadable) as caught:
        read_yaml(text)
    (mistake,) = caught.value.mistakes
    assert (place, "") == (mistake.place, mistake.path)
    assert mistake.text.startswith(f"is not valid YAML: {expected}")
