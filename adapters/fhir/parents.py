"""OBR-26 and OBR-29: a child order follows from another one, or from one of its results."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.fhir import orders
from adapters.fhir.bundle import Json, Resource
from adapters.fhir.context import Context
from adapters.fhir.datatypes import entity_identifier
from adapters.fhir.identity import entity_key
from adapters.fhir.reading import NULL, Segment
from adapters.fhir.report import Reason


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of an OBR."""

    orc: Segment | None
    obr: Segment
    request: Resource | None
    report: Resource
    results: Sequence[Resource]


def link_parents(made: Sequence[Made], context: Context) -> None:
    """Link each child order with its parent, and the results of the child with the result they follow from."""
    for child in made:
        if child.obr.peek(29) not in {"", NULL}:
            parent = _parent(child, made, context)
            _link_request(child, parent, context)
            _link_results(child, parent, context)


def _numbers(obr: Segment, context: Context) -> list[str]:
    """Return the placer's and the filler's number of the parent, each as an EI."""
    parts = context.components(obr.get(29).split(context.delimiters.repetition)[0])
    return [each.replace(context.delimiters.subcomponent, context.delimiters.component) for each in parts[:2]]


def _parent(child: Made, made: Sequence[Made], context: Context) -> Made | None:
    wanted = [entity_key(each, context) for each in _numbers(child.obr, context)]
    for each in made:
        given = orders.numbers(each.orc, each.obr, context)
        if each is not child and any(key is not None and key == own for key, own in zip(wanted, given, strict=False)):
            return each
    return None


def _link_request(child: Made, parent: Made | None, context: Context) -> None:
    """Say what the order is based on: a parent of this message, or one of which only the number is known."""
    context.at(child.obr, 29)
    if child.request is None:
        context.leave(Reason.NO_KEY)
        return
    found: list[Json] = []
    if parent is not None and parent.request is not None:
        found = [parent.request.reference]
    else:
        given = zip(_numbers(child.obr, context), ("PLAC", "FILL"), strict=False)
        identifiers = [made for each, kind in given if (made := entity_identifier(each, context, kind))]
        found = [{"identifier": each} for each in identifiers[:1]]
    if found:
        child.request.own("basedOn", found)


def _link_results(child: Made, parent: Made | None, context: Context) -> None:
    raw = child.obr.peek(26)
    if raw in {"", NULL}:
        return
    context.at(child.obr, 26)
    source = _source(raw, parent, context) if parent is not None else None
    if source is None:
        context.leave(Reason.NO_KEY)
        return
    child.obr.get(26)
    for each in child.results:
        if each.kind == "Observation":
            each.own("derivedFrom", [source.reference])


def _source(raw: str, parent: Made, context: Context) -> Resource | None:
    """Return the result of the parent that OBR-26 names by its code and its sub-ID."""
    parts = [*context.components(raw), ""]
    code = [context.delimiters.text(each) for each in parts[0].split(context.delimiters.subcomponent)]
    wanted = next((each for each in code if each), None)
    sub_id = context.delimiters.text(parts[1])
    for each in parent.results:
        own = each.key[len(parent.report.key) :]
        if each.kind == "Observation" and wanted in own[:-1] and sub_id == own[-1]:
            return each
    return None
