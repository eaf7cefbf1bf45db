"""OBR-29, else ORC-8, and OBR-26: a child order follows from another one, or from one of its results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.fhir import orders
from adapters.fhir.bundle import Json, Resource
from adapters.fhir.context import Context
from adapters.fhir.identifiers import entity_identifier
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
    fields = [(child, field) for child in made if (field := _field(child)) is not None]
    places = _places(made, owner, context) if fields else {}
    for child, field in fields:
        numbers = _numbers(*field, context)
        wanted = [entity_key(each, context, owner) for each in numbers]
        parent = _parent(child, wanted, made, places)
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


def _parent(
    child: Made,
    wanted: Sequence[Parts | None],
    made: Sequence[Made],
    places: Mapping[tuple[int, Parts | None], list[int]],
) -> Made | None:
    found = [place for number in enumerate(wanted) for place in places.get(number, ()) if made[place] is not child]
    return made[min(found)] if found else None


def _places(made: Sequence[Made], owner: Parts, context: Context) -> dict[tuple[int, Parts | None], list[int]]:
    """Return where the first two orders with each number are: one of them may be the child itself."""
    found: dict[tuple[int, Parts | None], list[int]] = {}
    for place, each in enumerate(made):
        for number, key in enumerate(orders.numbers(each.orc, each.obr, owner, context)):
            known = found.setdefault((number, key), [])
            if key is not None and len(known) < 2:
                known.append(place)
    return found


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
