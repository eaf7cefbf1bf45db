"""OBR-29, else ORC-8, and OBR-26: a child order follows from another one, or from one of its results."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.fhir import orders
from adapters.fhir.bundle import Json, Resource
from adapters.fhir.context import Context
from adapters.fhir.datatypes import entity_identifier
from adapters.fhir.identity import Parts, entity_key
from adapters.fhir.reading import NULL, Segment
from adapters.fhir.report import Reason


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of an ORC and its OBR."""

    orc: Segment | None
    obr: Segment | None
    request: Resource | None
    report: Resource | None = None
    results: Sequence[Resource] = ()


def link_parents(made: Sequence[Made], owner: Parts, context: Context) -> None:
    """Link each child order with its parent, and the results of the child with the result they follow from."""
    for child in made:
        field = _field(child)
        if field is not None:
            numbers = _numbers(*field, context)
            parent = _parent(child, numbers, made, owner, context)
            _link_request(child, parent, numbers, context)
            _link_results(child, parent, context)


def _field(child: Made) -> tuple[Segment, int] | None:
    """Return the field with the numbers of the parent; most messages have the same ones in both."""
    fields = [(segment, number) for segment, number in ((child.obr, 29), (child.orc, 8)) if segment is not None]
    given = [(segment, number) for segment, number in fields if segment.peek(number) not in {"", NULL}]
    for segment, number in given[1:]:
        if segment.peek(number) == given[0][0].peek(given[0][1]):
            segment.get(number)
    return given[0] if given else None


def _numbers(segment: Segment, field: int, context: Context) -> list[str]:
    """Return the placer's and the filler's number of the parent, each as an EI."""
    context.at(segment, field)
    parts = context.components(segment.get(field).split(context.delimiters.repetition)[0])
    return [each.replace(context.delimiters.subcomponent, context.delimiters.component) for each in parts[:2]]


def _parent(child: Made, numbers: Sequence[str], made: Sequence[Made], owner: Parts, context: Context) -> Made | None:
    wanted = [entity_key(each, context, owner) for each in numbers]
    for each in made:
        given = orders.numbers(each.orc, each.obr, owner, context)
        if each is not child and any(key is not None and key == own for key, own in zip(wanted, given, strict=False)):
            return each
    return None


def _link_request(child: Made, parent: Made | None, numbers: Sequence[str], context: Context) -> None:
    """Say what the order is based on: a parent of this message, or one of which only the number is known."""
    if child.request is None:
        context.leave(Reason.NO_KEY)
        return
    found: list[Json] = []
    if parent is not None and parent.request is not None:
        found = [parent.request.reference]
    else:
        given = zip(numbers, ("PLAC", "FILL"), strict=False)
        identifiers = [made for each, kind in given if (made := entity_identifier(each, context, kind))]
        found = [{"identifier": each} for each in identifiers[:1]]
    if found:
        child.request.own("basedOn", found)


def _link_results(child: Made, parent: Made | None, context: Context) -> None:
    if child.obr is None or (raw := child.obr.peek(26)) in {"", NULL}:
        return
    context.at(child.obr, 26)
    source = _source(raw, parent.report, parent.results, context) if parent is not None and parent.report else None
    if source is None:
        context.leave(Reason.NO_KEY)
        return
    child.obr.get(26)
    for each in child.results:
        if each.kind == "Observation":
            each.own("derivedFrom", [source.reference])


def _source(raw: str, report: Resource, results: Sequence[Resource], context: Context) -> Resource | None:
    """Return the result of the parent that OBR-26 names by its code and its sub-ID."""
    parts = [*context.components(raw), ""]
    code = [context.delimiters.text(each) for each in parts[0].split(context.delimiters.subcomponent)]
    wanted = next((each for each in code if each), None)
    sub_id = context.delimiters.text(parts[1])
    for each in results:
        own = each.key[len(report.key) :]
        if each.kind == "Observation" and wanted in own[:-1] and sub_id == own[-1]:
            return each
    return None
