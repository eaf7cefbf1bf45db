"""What is looked at in a message, and what a mistake found there is called."""

from dataclasses import dataclass

from adapters.hl7.validation.reading import Place
from gateway.contract.outcome import Finding


@dataclass(frozen=True, slots=True)
class Checks:
    """Which kinds of mistakes are looked for."""

    structure: bool = True
    required: bool = True
    datatypes: bool = True
    tables: bool = True


EVERYTHING = Checks()


# Codes of HL7 table 0357.


def missing_segment(name: str, occurrence: int) -> Finding:
    """Tell that the segment *name* is missing."""
    return Finding("100", f"{Place(name, occurrence)} is required and missing", Place(name, occurrence).location)


def unexpected_segment(name: str, occurrence: int) -> Finding:
    """Tell that a segment stands where its message has none of its name."""
    place = Place(name, occurrence)
    return Finding("100", f"{place} does not belong where it stands", place.location)


def unknown_segment(ordinal: int) -> Finding:
    """Tell that a segment has no known name; the name itself may be a line of a text, so it is not told."""
    return Finding("100", f"Segment {ordinal} of the message has a name that its version does not know")


def missing_field(place: Place) -> Finding:
    """Tell that a field or a part of it is missing."""
    return Finding("101", f"{place} is required and missing", place.location)


def repeated(place: Place) -> Finding:
    """Tell that a field repeats more often than it may."""
    return Finding("102", f"{place} is one repetition too many", place.location)


def wrong_datatype(place: Place, datatype: str) -> Finding:
    """Tell that a value does not have its datatype's form."""
    return Finding("102", f"{place} is not a valid {datatype}", place.location)


def not_in_table(place: Place, table: str) -> Finding:
    """Tell that a value is not one of its table."""
    return Finding("103", f"{place} is not in HL7 table {table}", place.location)
