"""Identifiers that move from one record of a patient to another (HL7 A43): the record that had them loses them.

The message names the number, not the record. Otherwise both would be found by the number, and what comes for one
patient later could be written to the other one.
"""

from collections.abc import Iterator, Mapping, Sequence

from adapters.rest.fhir.bodies import Json, copied
from adapters.rest.fhir.choosing import Found
from adapters.rest.fhir.entries import Entry
from adapters.rest.fhir.stamps import Stamps

IDENTIFIER = "identifier"


def losers(entries: Sequence[Entry], found: Found, olds: Mapping[int, Json]) -> Iterator[tuple[Json, list[Entry]]]:
    """Yield the records in the store from which entries take identifiers, each once: a transaction writes it once.

    Not one that the message names: it says itself which identifiers that has.
    """
    named = {each["id"] for each in olds.values()}
    lost: dict[str, tuple[Json, list[Entry]]] = {}
    for entry in (each for each in entries if each.takes):
        having = {each["id"]: each for token in sorted(entry.taken) for each in found.get((entry.kind, token), ())}
        for own, each in having.items():
            lost.setdefault(own, (each, []))[1].append(entry)
    yield from (each for own, each in lost.items() if own not in named)


def without_taken(old: Json, entry: Entry) -> Json:
    """Return a record without what *entry* takes, or *old* if a newer message has said which identifiers it has."""
    stamps = Stamps.of(old)
    if not isinstance(old.get(IDENTIFIER), list) or not stamps.accepts(IDENTIFIER, entry.as_of):
        return old
    resource: Json = copied(old)
    taken = [_what(each) for each in entry.takes]
    left = [each for each in resource[IDENTIFIER] if _what(each) not in taken]
    if left:
        resource[IDENTIFIER] = left
    else:
        del resource[IDENTIFIER]
    stamps.say(IDENTIFIER, entry.as_of)
    stamps.write(resource)
    return resource


def _what(identifier: object) -> tuple[object, ...]:
    """Return what tells a number from others: its value, and who has given it."""
    if not isinstance(identifier, dict):
        return (identifier,)
    system, assigner = identifier.get("system"), identifier.get("assigner")
    given_by = system or (assigner.get("display") if isinstance(assigner, dict) else None)
    return given_by, identifier.get("value")
