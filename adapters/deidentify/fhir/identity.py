"""All by which a resource or bundle names its patient and other people."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from adapters.deidentify.fhir.reading import Json
from adapters.deidentify.fhir.structure import elements_of, is_resource
from adapters.deidentify.fhir.tree import objects_of, text_of
from adapters.deidentify.own.search import OwnIdentifiers

SHORTEST = 3
"""Identifiers with fewer characters are not searched for: they are the same as too many other values."""
PEOPLE = frozenset({"Patient", "RelatedPerson", "Person", "Practitioner"})
NAMING = {
    **dict.fromkeys(("subject", "patient", "beneficiary", "for"), "Patient"),
    **dict.fromkeys(("individual", "recorder", "asserter", "practitioner", "resultsInterpreter"), "Practitioner"),
}
"""Elements whose references point to people if they do not say to what; others may point to a laboratory."""
BORN = PEOPLE - {"Practitioner"}
MAIDEN_NAME = "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName"
BIRTH_TIME = "http://hl7.org/fhir/StructureDefinition/patient-birthTime"


def own_identifiers(root: Json) -> OwnIdentifiers:
    """Return every name, number, telephone, street and date by which people are named, wherever they are."""
    own = OwnIdentifiers()
    for kind, path, value in _typed(root):
        if path == "Encounter.period":
            own.add_date(text_of(value, "start"))
            own.add_date(text_of(value, "end"))
        elif kind == "Address" and path.partition(".")[0] in PEOPLE:
            for line in _words(value, "line"):
                _add_number(own, line)
        elif kind == "Reference":
            _add_reference(own, value, NAMING.get(path.rpartition(".")[2], ""))
        elif add := ADDED.get(kind):
            add(own, value)
        if kind in BORN:
            own.add_date(text_of(value, "birthDate"))
    return own


def _add_human_name(own: OwnIdentifiers, value: Json) -> None:
    own.add_name(" ".join(_words(value, "given", "family")))
    own.add_name(text_of(value, "text"))


def _add_value(own: OwnIdentifiers, value: Json) -> None:
    _add_number(own, text_of(value, "value").rpartition("urn:oid:")[2])


def _add_contact_point(own: OwnIdentifiers, value: Json) -> None:
    text = text_of(value, "value")
    if sum(map(str.isalnum, text)) >= SHORTEST:
        own.add_telephone(text)


def _add_patient(own: OwnIdentifiers, value: Json) -> None:
    _add_number(own, text_of(value, "id"))
    own.add_date(text_of(value, "deceasedDateTime"))
    for beside in objects_of(value.get("_birthDate")):
        for each in objects_of(beside.get("extension")):
            if text_of(each, "url") == BIRTH_TIME:
                own.add_date(text_of(each, "valueDateTime"))


def _add_coverage(own: OwnIdentifiers, value: Json) -> None:
    for name in ("subscriberId", "dependent"):
        _add_number(own, text_of(value, name))


def _add_extension(own: OwnIdentifiers, value: Json) -> None:
    if text_of(value, "url") == MAIDEN_NAME:
        own.add_name(text_of(value, "valueString"))


def _add_reference(own: OwnIdentifiers, value: Json, about: str) -> None:
    """Add whom a reference names; *about* is what it points to if it does not say so itself."""
    target, _, identity = text_of(value, "reference").rpartition("/")
    kind = text_of(value, "type") or target.rpartition("/")[2]
    kind = kind if is_resource(kind) else about
    if kind == "Patient":
        _add_number(own, identity)
    if kind in PEOPLE:
        own.add_name(text_of(value, "display"))


def _add_number(own: OwnIdentifiers, text: str) -> None:
    if sum(map(str.isalnum, text)) >= SHORTEST:
        own.add_number(text)


def _words(value: Json, *names: str) -> Iterator[str]:
    for name in names:
        found = value.get(name)
        yield from (each for each in (found if isinstance(found, list) else [found]) if isinstance(each, str))


def _typed(root: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield each object with its type and its path in the definitions; those in unknown elements are passed over."""
    waiting: list[tuple[str, str, Any]] = [("Resource", "", root)]
    while waiting:
        kind, path, value = waiting.pop()
        if kind == "Resource" or is_resource(kind):
            kind = text_of(value, "resourceType")
        yield kind, path, value
        elements = elements_of(kind) or {}
        for name, inner in value.items():
            if (element := elements.get(name)) is not None:
                waiting += [(element.kind, element.path, each) for each in objects_of(inner)]


ADDED: Mapping[str, Callable[[OwnIdentifiers, Json], None]] = {
    "HumanName": _add_human_name,
    "Identifier": _add_value,
    "ContactPoint": _add_contact_point,
    "Coverage": _add_coverage,
    "Extension": _add_extension,
    "Patient": _add_patient,
}
"""What is taken from an object of a type."""
