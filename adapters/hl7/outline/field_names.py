"""The names of the fields of HL7v2 segments. They are read on the first use: only a payload view needs them."""

from functools import cache
from importlib import resources


def field_name(segment: str, number: int) -> str:
    """Return the name of a field, empty if HL7 2.3.1 to 2.8.2 has none."""
    names = _names().get(segment, ())
    return names[number - 1] if 0 < number <= len(names) else ""


@cache
def _names() -> dict[str, tuple[str, ...]]:
    text = resources.files("adapters.hl7.outline").joinpath("field_names.tsv").read_text()
    rows = (line.split("\t") for line in text.splitlines())
    return {segment: tuple(names) for segment, *names in rows}
