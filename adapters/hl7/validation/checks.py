"""The kinds of checks, and the finding for each kind of mistake."""

from dataclasses import dataclass

from adapters.hl7.validation.reading import Place
from gateway.contract.outcome import Finding


@dataclass(frozen=True, slots=True)
class Checks:
    """Which kinds of mistakes are searched for."""

    structure: bool = True
    required: bool = True
    datatypes: bool = True
    tables: bool = True


EVERYTHING = Checks()


# Codes of HL7 table 0357.


def missing_segment(name: str, occurrence: int) -> Finding:
    """Return the finding that the segment *name* is missing."""
    return Finding("100", f"{Place(name, occurrence)} is required and missing", Place(name, occurrence).location)


def unexpected_segment(name: str, occurrence: int) -> Finding:
    """Return the finding that the structure of the message has no such segment at this position."""
    place = Place(name, occurrence)
    return Finding("100", f"{place} is not allowed at this position", place.location)


def unknown_segment(ordinal: int) -> Finding:
    """Return the finding that a segment has an unknown name, which is left out because it may be a line of a text."""
    return Finding("100", f"Segment {ordinal} of the message has a name that its version does not know")


def missing_field(place: Place) -> Finding:
    """Return the finding that a field or a part of it is missing."""
    return Finding("101", f"{place} is required and missing", place.location)


def repeated(place: Place) -> Finding:
    """Return the finding that a field repeats more often than allowed."""
    return Finding("102", f"{place} is one repetition too many", place.location)


def wrong_datatype(place: Place, datatype: str) -> Finding:
    """Return the finding that a value does not have the form of its datatype."""
    return Finding("102", f"{place} is not a valid {datatype}", place.location)


def not_in_table(place: Place, table: str) -> Finding:
    """Return the finding that a value is not in its table."""
    return Finding("103", f"{place} is not in HL7 table {table}", place.location)
