"""Writes adapters/hl7/outline/field_names.tsv from the definitions of hl7apy, which take too much memory to keep."""

from pathlib import Path

import hl7apy

PATH = Path(__file__).parents[4] / "adapters" / "hl7" / "outline" / "field_names.tsv"
VERSIONS = ("2.5.1", "2.6", "2.8.2", "2.3.1")
"""The first of these versions that has a field names it."""


def rows() -> dict[str, list[str]]:
    """Return by segment the names of its fields, in order; a name that is not known is empty."""
    found: dict[str, list[str]] = {}
    for version in VERSIONS:
        for segment, definition in hl7apy.load_library(version).ELEMENTS["Segment"].items():
            if len(segment) != 3:  # such as one that stands for any segment
                continue
            names = found.setdefault(segment, [])
            for place, field, *_ in definition[1] or ():
                number = int(place.rpartition("_")[2])
                names.extend([""] * (number - len(names)))
                names[number - 1] = names[number - 1] or str(field[3]).replace("_", " ").capitalize()
    return {segment: found[segment] for segment in sorted(found) if any(found[segment])}


def text() -> str:
    """Return the content of the file."""
    return "".join("\t".join((segment, *names)) + "\n" for segment, names in rows().items())


if __name__ == "__main__":
    PATH.write_text(text())
