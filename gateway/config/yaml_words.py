"""Turns PyYAML's errors into sentences that say how to correct the text."""

import re
from collections.abc import Iterator

import yaml

INDENTATION = "its indentation does not fit the lines above; keys of one group begin in the same column"
SENTENCES = (
    (r"found character '\\t'", "the indentation contains a tab; use spaces"),
    (
        r"mapping values are not allowed here",
        "a second `key:` is where a value belongs; correct the indentation, or quote a text that contains `: `",
    ),
    (r"sequence entries are not allowed here", "a list cannot begin after `key:`; begin it on the next line"),
    (r"but found '([}\]])'", "this `{0}` closes no bracket; remove it, or put the text in quotes"),
    (r"expected <block end>, but found '<scalar>'", "text follows after a closing quote; quote the text as a whole"),
    (r"expected <block end>", INDENTATION),
    (r"found unexpected end of stream", "the quote that begins here is not closed; close it"),
    (
        r"expected ',' or '([}\]])'",
        "the bracket that begins here is not closed, or a comma is missing; add `{0}` or `,`",
    ),
    (r"found unknown escape character", "a backslash in double quotes begins an escape; use single quotes"),
    (
        r"found undefined alias '([^']*)'",
        "`*{0}` has no anchor; put `&{0}` before the value that it stands for, earlier in the file",
    ),
    (r"second occurrence", "this anchor has been defined already; give it another name"),
    (
        r"but found another document|expected '<document start>', but found '<(?:scalar|block)",
        "a second document begins here; the configuration is one document: remove `---` or `...`",
    ),
    (r"found character '([@`%])'", "a text cannot begin with `{0}`; put it in quotes"),
    (r"found '<stream end>'", "a bracket or a value is missing at the end; add it"),
    (r"expected alphabetic or numeric character", "`&` and `*` begin the name of an anchor; put a text in quotes"),
    (
        r"could not find expected ':'",
        "a line is neither `key: value` nor an entry of a list; add the colon and a space after it",
    ),
)
OTHERWISE = "it cannot be parsed; look at indentation, quotes and brackets in this line and the one before"
AT_THE_BEGINNING = (
    "while scanning a simple key",
    "while scanning a quoted",
    "while scanning a double-quoted",
    "while parsing a flow",
)
"""For these errors the reported place is where the construct begins, not where the parser stopped."""


def sentence(error: yaml.YAMLError) -> str:
    """Return what is wrong and how to correct it."""
    if isinstance(error, yaml.reader.ReaderError):
        return "there is a control character here; remove it"
    problem = str(getattr(error, "problem", None) or "")
    if _is_variable(error):
        return 'between brackets a value with `${` needs quotes; write "${NAME}"'
    for pattern, text in SENTENCES:
        if found := re.search(pattern, problem):
            return text.format(*found.groups())
    return OTHERWISE


def place(error: yaml.YAMLError, text: str) -> tuple[int, int]:
    """Return line and column, counted from 1."""
    if isinstance(error, yaml.reader.ReaderError):
        before = text[: error.position]
        return before.count("\n") + 1, len(before) - before.rfind("\n")
    for mark in _marks(error):
        return mark.line + 1, mark.column + 1
    return 1, 1


def _is_variable(error: yaml.YAMLError) -> bool:
    """Whether the parser took the braces of `${NAME}` for those of a mapping."""
    mark, context = getattr(error, "problem_mark", None), str(getattr(error, "context", None))
    if mark is None or mark.buffer is None or not context.startswith("while parsing a flow"):
        return False
    return bool(mark.buffer[mark.pointer - 1 : mark.pointer + 1] == "${")


def _marks(error: yaml.YAMLError) -> Iterator[yaml.Mark]:
    context = str(getattr(error, "context", None) or "")
    is_inside = "escape" in str(getattr(error, "problem", None)) or _is_variable(error)
    names = ("problem_mark", "context_mark")
    at_beginning = context.startswith(AT_THE_BEGINNING) and not is_inside
    for name in reversed(names) if at_beginning else names:
        mark = getattr(error, name, None)
        if mark is not None:
            yield mark
