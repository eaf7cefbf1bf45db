"""Lines of a given width from texts that may be hostile: names come from the wire."""

import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence

from gateway.cli.operating.instants import localized
from gateway.telemetry.terminal import visible

PIPED = 80
NARROWEST, WIDEST = 40, 120


def width_of_output() -> int:
    """Return the width of the terminal, and 80 where the output is no terminal."""
    if not sys.stdout.isatty():
        return PIPED
    return min(WIDEST, max(NARROWEST, shutil.get_terminal_size((PIPED, 24)).columns))


def clean(text: object, now: float) -> str:
    """Return a text of the API for a terminal: harmless, and with its times in local time."""
    return visible(localized(str(text), now))


def wrapped(text: str, width: int, indent: int = 0, first: str = "") -> Iterator[str]:
    """Yield the lines of *text*, each indented; *first* stands before the first one, within the indentation.

    No name such as ``image-store``, and no path, is broken: it may be copied. One that is wider than a line stands in
    a line of its own.
    """
    begin = first.rjust(indent)
    rest = " " * indent
    if text:
        yield from textwrap.wrap(
            text,
            max(width, indent + 20),
            initial_indent=begin,
            subsequent_indent=rest,
            break_on_hyphens=False,
            break_long_words=False,
        )


def beside(left: str, right: str, width: int) -> list[str]:
    """Return *left*, wrapped, with *right* at the end of the first line; or below it if there is no room."""
    lines = textwrap.wrap(left, width, break_on_hyphens=False, break_long_words=False) or [""]
    if len(lines) == 1 and len(left) + 2 + len(right) <= width:
        return [left + right.rjust(width - len(left))]
    return [*lines, right.rjust(width)]


def columns(rows: Sequence[Sequence[str]], width: int, indent: int = 0) -> Iterator[str]:
    """Yield *rows* with their cells below each other; what does not fit into the last column goes on below it."""
    if not rows:
        return
    count = max(len(row) for row in rows)
    widest = [max((len(row[n]) for row in rows if n < len(row)), default=0) for n in range(count)]
    start = indent + sum(each + 2 for each in widest[:-1])
    if start > width - 20:  # too narrow for a table
        for row in rows:
            yield from wrapped("  ".join(filter(None, row)), width, indent + 2)
        return
    for row in rows:
        cells = "".join(cell.ljust(size + 2) for cell, size in zip(row, widest[:-1], strict=False))
        last = row[-1] if len(row) == count else ""
        lines = textwrap.wrap(last, width - start, break_on_hyphens=False, break_long_words=False) or [""]
        yield (" " * indent + cells + lines[0]).rstrip()
        yield from (" " * start + each for each in lines[1:])
