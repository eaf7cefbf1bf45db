"""Shapes and colours in a terminal. A state is shape, word and colour: no colour says anything alone."""

import os
import sys
from collections.abc import Mapping
from typing import NamedTuple, TextIO

STYLES: Mapping[str, str] = {"bold": "1", "dim": "2", "red": "31", "green": "32", "amber": "33", "blue": "34"}
PLAIN_SHAPES = str.maketrans({"■": "#", "▲": "!", "●": "*", "\N{EN DASH}": "-", "→": ">", "…": "~"})


class Mark(NamedTuple):
    """How a state is shown."""

    shape: str
    word: str
    style: str


MARKS: Mapping[str, Mark] = {
    "stopped": Mark("■", "STOPPED", "red"),
    "rejected": Mark("▲", "REJECTED", "amber"),
    "silent": Mark("▲", "SILENT", "amber"),
    "slow": Mark("▲", "SLOW", "amber"),
    "parked": Mark("▲", "PARKED", "amber"),
    "ends_soon": Mark("▲", "ENDS SOON", "amber"),
    "warned": Mark("▲", "WARNED", "amber"),
}
USUAL = Mark("●", "USUAL", "green")


def mark_of(state: str) -> Mark:
    """Return the mark of a state; one that this version does not know is shown with its own word."""
    if state in ("usual", "ok", "up"):
        return USUAL
    return MARKS.get(state) or Mark("\N{EN DASH}", state.upper(), "dim")


class Paint:
    """Colours text, or leaves it as it is."""

    def __init__(self, *, colours: bool) -> None:
        self._colours = colours

    def __call__(self, text: str, *styles: str) -> str:
        """Return *text* in these styles."""
        codes = ";".join(STYLES[each] for each in styles if each in STYLES)
        return f"\x1b[{codes}m{text}\x1b[0m" if self._colours and codes and text else text


def colours_wanted(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether *stream* is a terminal that shows colours, and nobody has asked for none (https://no-color.org)."""
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM", "dumb") != "dumb"


def fitting(text: str, stream: TextIO | None = None) -> str:
    """Return *text* with shapes that the encoding of *stream* has; what else it has not becomes a question mark."""
    encoding = (sys.stdout if stream is None else stream).encoding or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(PLAIN_SHAPES).encode(encoding, "replace").decode(encoding)
    return text
