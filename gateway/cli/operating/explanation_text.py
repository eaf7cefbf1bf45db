"""An explanation as lines of text."""

from collections.abc import Iterator

from gateway.cli.operating.instants import clock
from gateway.cli.operating.lines import clean, columns, wrapped
from gateway.cli.operating.paint import Paint
from gateway.contract.explained import Explanation, Part

REFUSED = "REFUSED"


def explanation_lines(explanation: Explanation, width: int, paint: Paint, config: str) -> Iterator[str]:
    """Yield the lines; CONFIG within a command becomes the configuration as the operator has named it."""
    now = explanation["at"]
    for number, each in enumerate(explanation["parts"]):
        if number:
            yield ""
        yield from _part(each, now, width, paint)
    for mend in explanation["mends"]:
        text = clean(mend, now).replace(" CONFIG ", f" {config} ")
        yield from (paint(line, "bold") for line in wrapped(text, width, 2, "→ "))


def _part(part: Part, now: float, width: int, paint: Paint) -> Iterator[str]:
    yield from (paint(line, "bold") for line in wrapped(clean(part["title"], now), width))
    table = [[clean(cell, now) for cell in row] for row in part["table"]]
    for line in columns(table, width, 2):
        yield paint(line, "amber") if REFUSED in line else line
    steps = [[clock(each["at"], now, seconds=True), clean(each["text"], now)] for each in part["steps"]]
    yield from columns(steps, width, 2)
    for words in part["words"]:
        yield from wrapped(clean(words, now), width)
