"""Whose a resource is: what is of one patient never becomes a part of another patient's record.

A number may not be unique: a sender numbers the visits of each patient from 1, or a laboratory uses its numbers again.
Then the resource that the store has under the number is another patient's. The message is refused, unless it says that
the resource moves (HL7 A44, A45, A50), or the two records are of one person: linked by a merge, also by several.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from adapters.rest.fhir.bodies import Json, is_id, linked
from adapters.rest.fhir.entries import Entry
from adapters.rest.fhir.replies import LOCATION
from adapters.rest.fhir.stamps import MOVED, Stamps
from adapters.rest.fhir.times import is_older
from adapters.rest.verdict.diagnoses import refused_message
from gateway.contract.outcome import Refused

OF = ("subject", "patient", "beneficiary")
"""The elements that say whose a resource is; an appointment says it by its participants."""
ANOTHER = (
    "the {kind} that the store has under the number of the message is another patient's; if the numbers of the sender "
    "are not unique, set an authority for them; if the records are one person's, merge them and retry the message"
)
Links = dict[str, set[str]]
"""The records that are linked with each record, by their references."""


def patients(resource: Json) -> set[str]:
    """Return references to the patients whose the resource is; in a message also to other new things."""
    elements = [*(resource.get(each) for each in OF), *_actors(resource)]
    return {name for element in elements for each in _references(element) if (name := _patient(each))}


def _actors(resource: Json) -> Iterator[object]:
    listed = resource.get("participant") if resource.get("resourceType") == "Appointment" else ()
    yield from (each.get("actor") for each in (listed if isinstance(listed, list) else ()) if isinstance(each, dict))


@dataclass(frozen=True, slots=True)
class Anothers:
    """What the store has is of other records of patients: refused, unless these are linked with the message's."""

    records: frozenset[str]
    """``Patient/id`` of those that the store's resource is of."""
    refused: Refused


def find_anothers(
    entries: Sequence[Entry], olds: Mapping[int, Json], names: Mapping[str, str], more: Links
) -> Anothers | None:
    """Return the first entry whose resource in the store is another patient's; *more* are links that were read."""
    moved = {_encounter(old) for old in olds.values() if Stamps.of(old).said.get(MOVED)}
    links: list[Links] = []
    for entry in (each for each in entries if each.position in olds):
        old = olds[entry.position]
        had = patients(old)
        named = {name for each in patients(entry.resource) if _patient(name := names.get(each, each))}
        if not had or not named or had & named or _may_differ(entry, old, moved):
            continue
        links = links or [links_of(olds.values()), _links_of_message(entries, names), more]
        if not linked_with(had, links) & named:
            reason, diagnosis = ANOTHER.format(kind=entry.kind), refused_message(code="204")
            return Anothers(frozenset(had), Refused(reason, code="204", diagnosis=diagnosis))
    return None


def _may_differ(entry: Entry, old: Json, moved: set[str]) -> bool:
    """Whether the message moves the resource or adds its patient, or something has moved it or its visit."""
    if entry.moves or any(each in OF for each in entry.adds):
        return True
    visit = old.get("encounter", old.get("context"))
    is_moved = isinstance(visit, dict) and visit.get("reference") in moved
    return is_moved or is_older(entry.as_of, Stamps.of(old).said.get(MOVED, ""))


def _encounter(resource: Json) -> str:
    return f"{resource.get('resourceType')}/{resource.get('id')}"


def links_of(resources: Iterable[Json]) -> Links:
    """Return the links between the records of patients, in both directions."""
    found: Links = {}
    for resource in resources:
        if resource.get("resourceType") == "Patient":
            for each in resource.get("link", ()):
                _join(found, f"Patient/{resource.get('id')}", each)
    return found


def _links_of_message(entries: Sequence[Entry], names: Mapping[str, str]) -> Links:
    found: Links = {}
    for entry in (each for each in entries if each.kind == "Patient" and "link" in each.adds):
        for each in linked(entry.resource.get("link", []), names):
            _join(found, names.get(entry.url, entry.url), each)
    return found


def joined(one: Links, other: Links) -> Links:
    """Return the links of both."""
    return {name: one.get(name, set()) | other.get(name, set()) for name in one.keys() | other.keys()}


def linked_with(records: Iterable[str], links: Sequence[Links]) -> set[str]:
    """Return all records that are of the same persons as *records*."""
    found, left = set(records), list(records)
    while left:
        name = left.pop()
        new = {each for every in links for each in every.get(name, ())} - found
        found |= new
        left += new
    return found


def _join(found: Links, own: str, link: object) -> None:
    for each in _references(link.get("other") if isinstance(link, dict) else None):
        if other := _patient(each):
            found.setdefault(own, set()).add(other)
            found.setdefault(other, set()).add(own)


def _patient(reference: str) -> str:
    """Return ``Patient/id``, or the name of a patient that is new; nothing for others."""
    if reference.startswith("urn:"):
        return reference
    place = LOCATION.search(reference)
    return place[1] if place and place[1].startswith("Patient/") and is_id(place[1][8:]) else ""


def _references(value: object) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict) and isinstance(each.get("reference"), str):
            yield each["reference"]
