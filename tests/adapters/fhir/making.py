"""Messages, and what becomes of them, for the tests of the converter."""

import json
from typing import Any
from zoneinfo import ZoneInfo

from adapters.fhir.context import Context, Options
from adapters.fhir.convert import Conversion, convert
from adapters.fhir.reading import Delimiters, Segment
from gateway.contract.outcome import Refused
from tests.adapters.fhir.judges import judge

Json = dict[str, Any]
BERLIN = Options(zone=ZoneInfo("Europe/Berlin"))
PID = "PID|1||7^^^HOSP&1.2.3&ISO^MR||Test^Anna"
PV1 = "PV1|1|I|W1^2^3||||||||||||||||V1^^^HOSP&1.2.3&ISO"


def message(*segments: str, kind: str = "ADT^A01", time: str = "20240501101500") -> bytes:
    """Return a message with these segments."""
    header = f"MSH|^~\\&|APP|HOSP|||{time}||{kind}|C1|P|2.5.1"
    return "\r".join([header, *segments, ""]).encode()


def made(*segments: str, kind: str = "ADT^A01", options: Options = BERLIN) -> Conversion:
    """Return the conversion of a message, which the judges find right."""
    found = convert(message(*segments, kind=kind), options)
    assert not isinstance(found, Refused)
    assert [] == judge(json.loads(found.encoded()))
    return found


def resources(found: Conversion, kind: str) -> list[Json]:
    """Return the resources of a type."""
    entries = json.loads(found.encoded())["entry"]
    return [entry["resource"] for entry in entries if entry["resource"]["resourceType"] == kind]


def only(found: Conversion, kind: str) -> Json:
    """Return the only resource of a type."""
    (resource,) = resources(found, kind)
    return resource


def context(options: Options = BERLIN) -> Context:
    """Return a context for a function of a datatype."""
    return Context(Delimiters("|", "^~\\&"), options, ("APP", "HOSP"))


def segment(text: str) -> Segment:
    """Return a segment."""
    return Segment(text[:3], 1, text.split("|"))


def fields(name: str, values: dict[int, str]) -> str:
    """Return the text of a segment with values in these fields."""
    return "|".join([name, *(values.get(number, "") for number in range(1, max(values) + 1))])
