"""PRT of orders (HL7 2.7): who ordered, and who took the specimen. Others are reported."""

from collections.abc import Sequence

from adapters.fhir import rows
from adapters.fhir.bundle import Json, Resource
from adapters.fhir.context import Context
from adapters.fhir.datatypes import organization, practitioner
from adapters.fhir.orders import first_text
from adapters.fhir.reading import NULL, Segment

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
        if role == ORDERED and rows.choose("requester", person, request, context):
            request.owns.add("requester")
        elif role == TOOK:
            for specimen in taken:
                specimen.body.setdefault("collection", {}).setdefault("collector", person)
                specimen.owns.add("collection.collector")


def _person(prt: Segment, context: Context) -> Json | None:
    """Return the person in PRT-5, else the organization in PRT-8."""
    for number, function in ((5, practitioner), (8, organization)):
        raw = prt.peek(number).split(context.delimiters.repetition)[0]
        context.at(prt, number)
        if raw and raw != NULL and (found := function(raw, context)):
            prt.get(number)
            return found
    return None
