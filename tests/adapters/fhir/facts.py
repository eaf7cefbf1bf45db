"""Messages in files, their bundles, and what must be true of these: see ``fhirpath/README.md``."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from adapters.fhir.convert import Conversion, convert
from tests.adapters.fhir.making import BERLIN

HERE = Path(__file__).parent
Json = dict[str, Any]


class Fact(NamedTuple):
    """A line of ``fhirpath/NAME.txt``."""

    name: str
    line: int
    expression: str
    expected: str


def names() -> list[str]:
    """Return the names of the messages."""
    return sorted(each.stem for each in (HERE / "messages").glob("*.hl7"))


def kind(name: str) -> str:
    """Return the type of a message, MSH-9.1."""
    header = (HERE / "messages" / f"{name}.hl7").read_text("utf-8").splitlines()[0]
    return header.split("|")[8].split("^")[0]


def converted(name: str) -> Conversion:
    """Return what becomes of a message."""
    lines = (HERE / "messages" / f"{name}.hl7").read_text("utf-8").splitlines()
    made = convert("".join(f"{line}\r" for line in lines).encode(), BERLIN)
    assert isinstance(made, Conversion), made
    return made


def named(made: Conversion) -> Json:
    """Return the bundle with ``Patient/1`` in place of each ``urn:uuid``; numbers keep their digits."""
    text = made.encoded().decode()
    counts: dict[str, int] = {}
    for each in made.bundle:
        counts[each.kind] = counts.get(each.kind, 0) + 1
        text = text.replace(each.url, f"{each.kind}/{counts[each.kind]}")
    bundle: Json = json.loads(text, parse_float=Decimal)
    return bundle


def facts(name: str) -> Iterator[Fact]:
    """Yield the assertions about a message."""
    path = HERE / "fhirpath" / f"{name}.txt"
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            expression, _, expected = line.rpartition(" = ")
            yield Fact(name, number, expression.strip(), expected.strip())
