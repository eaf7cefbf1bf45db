"""What is ordered, dispensed or given: a code, or a Medication where form, strength, lot or components are said too."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.fhir import quantities
from adapters.fhir.bundle import Json, Resource
from adapters.fhir.codes import concept
from adapters.fhir.context import Context
from adapters.fhir.functions import FUNCTIONS
from adapters.fhir.reading import NULL, Segment
from adapters.fhir.report import Reason

UNKNOWN = {"text": "unknown"}


@dataclass(frozen=True, slots=True)
class Fields:
    """Where a segment says what the medication is; 0 where it does not say it. Units follow their number."""

    code: int
    form: int
    strength: int
    volume: int
    lot: int = 0
    """The expiration date and the manufacturer follow it."""


FIELDS = {
    "RXO": Fields(1, 5, 18, 25),
    "RXE": Fields(2, 6, 25, 33),
    "RXD": Fields(2, 6, 16, 28, 18),
    "RXA": Fields(5, 8, 13, 23, 15),
}
COMPONENT = Fields(2, 0, 5, 8)
"""RXC: a component of a mixture, with its amount in RXC-3."""


def set_medication(found: Resource, segment: Segment, components: Sequence[Segment], context: Context) -> None:
    """Set what *segment* names: a code, or a resource of its own."""
    fields = FIELDS[segment.name]
    context.at(segment, fields.code)
    raw = segment.get(fields.code).split(context.delimiters.repetition)[0]
    what = concept(raw, context) if raw != NULL else None
    more = _details(segment, fields, what, components, context)
    if more:
        made = context.bundle.get("Medication", (*found.key, "Medication"))
        for name, value in more.items():
            made.own(name, value)
        if what is not None:
            made.own("code", what)
        found.body["medicationReference"] = made.reference
    else:
        found.body["medicationCodeableConcept"] = what or UNKNOWN  # R4: 1..1
    if more or what is not None:
        found.owns.add("medication[x]")


def of(found: Resource, context: Context) -> Resource | None:
    """Return the Medication of a resource, if it has one."""
    reference = found.body.get("medicationReference")
    return context.bundle.find(reference["reference"]) if reference else None


def _details(
    segment: Segment, fields: Fields, what: Json | None, components: Sequence[Segment], context: Context
) -> Json:
    made: Json = {}
    context.at(segment, fields.form)
    if form := concept(segment.get(fields.form), context):
        made["form"] = form
    strength = _strength(segment, fields, context)
    ingredients = [{"itemCodeableConcept": what or UNKNOWN, "strength": strength}] if strength else []
    ingredients += [each for rxc in components if (each := _component(rxc, context))]
    if ingredients:
        made["ingredient"] = ingredients
    if fields.lot:
        made |= _batch(segment, fields.lot, context)
    return made


def amount(segment: Segment, number: int, context: Context) -> Json | None:
    """Return the quantity in a field, whose units are in the next one."""
    context.at(segment, number + 1)
    units = segment.get(number + 1)
    measured = quantities.unit(units, context) if units != NULL else {}
    return quantity_in(segment, number, measured, context)


def quantity_in(segment: Segment, number: int, measured: Json, context: Context) -> Json | None:
    """Return the quantity in a field; None, and a line in the report, if it is no number.

    R4 does not allow a comparator for what is given or dispensed (sqty-1).
    """
    context.at(segment, number)
    text = context.delimiters.text(segment.get(number))
    found = quantities.quantity(text, measured) if text else None
    if text and (found is None or "comparator" in found):
        context.leave(Reason.UNREADABLE if found is None else Reason.NO_ELEMENT)
        return None
    return found


def _strength(segment: Segment, fields: Fields, context: Context) -> Json | None:
    """Return the strength: per volume if that is said, otherwise per piece."""
    numerator = amount(segment, fields.strength, context) if segment.peek(fields.strength) else None
    if numerator is None:
        return None
    return {"numerator": numerator, "denominator": amount(segment, fields.volume, context) or {"value": 1}}


def _component(rxc: Segment, context: Context) -> Json | None:
    """Return a component of a mixture, with its amount in one portion of it."""
    rxc.get(1)
    context.at(rxc, COMPONENT.code)
    item = concept(rxc.get(COMPONENT.code), context)
    if item is None:
        return None
    portion = amount(rxc, 3, context)
    return {
        "itemCodeableConcept": item,
        **({"strength": {"numerator": portion, "denominator": {"value": 1}}} if portion else {}),
    }


def _batch(segment: Segment, number: int, context: Context) -> Json:
    batch: Json = {}
    context.at(segment, number)
    if lot := context.delimiters.text(segment.get(number).split(context.delimiters.repetition)[0]):
        batch["lotNumber"] = lot
    context.at(segment, number + 1)
    raw = segment.get(number + 1).split(context.delimiters.repetition)[0]
    if raw != NULL and (expires := context.date_time(raw)):
        batch["expirationDate"] = expires
    context.at(segment, number + 2)
    raw = segment.get(number + 2).split(context.delimiters.repetition)[0]
    maker = FUNCTIONS["PRODUCER"](raw, context, "") if raw != NULL else None
    return {**({"batch": batch} if batch else {}), **({"manufacturer": maker} if maker else {})}
