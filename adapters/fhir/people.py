"""PRT of orders (HL7 2.7): who ordered, gave or dispensed, and who took the specimen. Others are reported."""

from collections.abc import Iterator, Sequence
from itertools import takewhile

from adapters.fhir.actors import organization, practitioner
from adapters.fhir.bundle import Json, Resource
from adapters.fhir.codes import coding
from adapters.fhir.context import Context
from adapters.fhir.orders import first_text
from adapters.fhir.putting import choose
from adapters.fhir.reading import NULL, Segment
from adapters.fhir.systems import TERMINOLOGY

ORDERED, TOOK = "OP", "SC"
"""HL7 table 0912, before 2.8 table 0443."""
REMOVED = "DE"


def add_people(people: Sequence[Segment], request: Resource, taken: Sequence[Resource], context: Context) -> None:
    """Carry the people of an order."""
    for prt in people:
        role = context.texts(prt.peek(4))[0]
        if role not in {ORDERED, TOOK} or first_text(prt, 2, context) == REMOVED:
            continue
        prt.read |= {1, 4}
        person = _person(prt, context)
        if person is None:
            continue
        if role == ORDERED and choose("requester", person, request, context):
            request.owns.add("requester")
        elif role == TOOK:
            for specimen in taken:
                specimen.body.setdefault("collection", {}).setdefault("collector", person)
                specimen.owns.add("collection.collector")


def set_requester(segments: Sequence[Segment], found: Resource, context: Context) -> None:
    """Carry who ordered a medication, where nobody has said it yet."""
    for _, person in _with_role(segments, frozenset({ORDERED}), context):
        if choose("requester", person, found, context):
            found.owns.add("requester")


def add_performers(segments: Sequence[Segment], roles: frozenset[str], found: Resource, context: Context) -> None:
    """Carry those who have one of the *roles* in what was given or dispensed."""
    for role, person in _with_role(segments, roles, context):
        made = {"function": {"coding": [coding(role, f"{TERMINOLOGY}v2-0443")]}, "actor": person}
        listed = found.body.setdefault("performer", [])
        if made not in listed:
            listed.append(made)
        found.owns.add("performer")


def _with_role(segments: Sequence[Segment], roles: frozenset[str], context: Context) -> Iterator[tuple[str, Json]]:
    """Yield role and person of each PRT before the first OBX, which has people of its own."""
    for prt in takewhile(lambda each: each.name != "OBX", segments):
        role = context.texts(prt.peek(4))[0] if prt.name == "PRT" else ""
        if role in roles and first_text(prt, 2, context) != REMOVED:
            prt.read |= {1, 4}
            if (person := _person(prt, context)) is not None:
                yield role, person


def _person(prt: Segment, context: Context) -> Json | None:
    """Return the person in PRT-5, else the organization in PRT-8."""
    for number, function in ((5, practitioner), (8, organization)):
        raw = prt.peek(number).split(context.delimiters.repetition)[0]
        context.at(prt, number)
        if raw and raw != NULL and (found := function(raw, context)):
            prt.get(number)
            return found
    return None
