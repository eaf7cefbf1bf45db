"""Parts of a list that have a time of their own: ``telecom(use=work)`` is not said by a message that keeps it.

Such a part keeps the time of the message that said it last, so that a message that comes late still says it. The items
of these parts come after the others, in the order of their names, so that the order of the messages has no effect.
"""

from adapters.rest.fhir.bodies import Json, copied
from adapters.rest.fhir.elements import items
from adapters.rest.fhir.entries import Entry
from adapters.rest.fhir.stamps import WHOLE, Stamps, Times
from adapters.rest.fhir.times import is_older


def kept(entry: Entry, name: str) -> list[str]:
    """Return the parts of a list that a message does not say: those that it keeps, and has no item of."""
    named = (each for each in entry.keeps if each.partition("(")[0] == name)
    return sorted(each for each in named if not any(True for _ in items(entry.resource, each)))


def stays(old: Json, entry: Entry, name: str, stamps: Stamps) -> tuple[list[Json], Times]:
    """Return the items of these parts in the store, and when each part was said."""
    before = stamps.said.get(name, stamps.said.get(WHOLE, ""))
    parts = kept(entry, name)
    return [item for each in parts for item in items(old, each)], {
        each: stamps.said.get(each, before) for each in parts
    }


def settle(resource: Json, name: str, found: list[Json], times: Times, stamps: Stamps) -> None:
    """Add what stays to a list that a message has replaced or removed."""
    for each in _parts(name, stamps):
        del stamps.said[each]
    stamps.said |= times
    _write(
        resource,
        name,
        [*resource.get(name, ()), *(each for each in found if each not in resource.get(name, ()))],
        stamps,
    )


def say_late(resource: Json, entry: Entry, name: str, stamps: Stamps, added: list[Json]) -> None:
    """Write the parts of a list of which nothing newer is known than *entry*; *added* are newer items."""
    if not isinstance(resource.get(name, []), list):
        return
    for each in _parts(name, stamps):
        if each not in kept(entry, name) and not is_older(entry.as_of, stamps.said[each]):
            gone = [item for item in items(resource, each) if item not in added]
            left = [item for item in resource.get(name, ()) if item not in gone]
            new = [copied(item) for item in items(entry.resource, each) if item not in left]
            stamps.said[each] = entry.as_of
            _write(resource, name, [*left, *new], stamps)


def _parts(name: str, stamps: Stamps) -> list[str]:
    return sorted(each for each in stamps.said if each.startswith(f"{name}("))


def _write(resource: Json, name: str, listed: list[Json], stamps: Stamps) -> None:
    last = [item for each in _parts(name, stamps) for item in items({name: listed}, each)]
    if listed:
        resource[name] = [*(each for each in listed if each not in last), *last]
    else:
        resource.pop(name, None)
