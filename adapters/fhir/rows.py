"""Applies the rows of a segment to a resource, and notes what the message owns and clears."""

from typing import Any

from adapters.fhir.bundle import Json, Resource
from adapters.fhir.context import Context
from adapters.fhir.functions import FUNCTIONS
from adapters.fhir.keeping import keep, shares, shares_of
from adapters.fhir.putting import loses, put
from adapters.fhir.reading import NULL, Segment
from adapters.fhir.report import Reason
from adapters.fhir.tables import Row, carried, numbers, rows
from adapters.fhir.times import is_before

MOST_REPETITIONS = 1000
REPEATING = frozenset({"CWE", "DTM", "EI", "XCN", "XON"})
"""Datatypes of which a value is made once in a message; nobody changes the value afterwards."""


def apply(table: str, segment: Segment, resource: Resource, context: Context) -> None:
    """Carry the fields of *segment* into *resource*, as the rows of *table* say."""
    replaced = context.options.rows.get(table)
    segment.read |= numbers(table) if replaced is None else {row.number for row in replaced}
    fields, count = segment.fields, len(segment.fields)
    for number, row in carried(table) if replaced is None else ((each.number, each) for each in replaced if each.steps):
        if number < count and (raw := fields[number]):
            carry(row, segment, raw, resource, context)
    keep(shares_of(table) if replaced is None else shares(replaced), segment, resource)
    if len(resource.body.get("period", ())) > 1:
        _keep_order(table, segment, resource, context)


def _keep_order(table: str, segment: Segment, resource: Resource, context: Context) -> None:
    """Leave out an end before the start."""
    period = resource.body["period"]
    if is_before(period["end"], period["start"]):
        number = next((row.number for row in rows(table) if row.element == "period.end"), 0)
        context.at(segment, number)
        context.leave(Reason.OUT_OF_ORDER)
        del period["end"]
        resource.owns.discard("period.end")


def fill(table: str, segment: Segment, body: Json, context: Context) -> None:
    """Carry the fields of *segment* into an object that is a part of a resource."""
    part = Resource("", (), "", body)
    apply(table, segment, part, context)


def carry(row: Row, segment: Segment, raw: str, resource: Resource, context: Context) -> None:
    """Carry one field into *resource*, or note that it clears the element."""
    if raw == NULL:
        resource.clears.add(row.owned)
        return
    context.at(segment, row.number)
    made = _values(row, segment, raw, context) if context.delimiters.repetition in raw else _made(row, raw, context)
    if made is None:
        return
    is_list = len(row.steps) == 1 and row.steps[0].is_list
    for value in made if isinstance(made, list) else (made,):
        if is_list:
            resource.append(row.owned, value)
            resource.owns.add(row.owned)
        elif put(resource.body, row.steps, value):
            resource.owns.add(row.owned)
        elif loses(resource.body, row.steps, value):
            context.leave(Reason.REPEATED)


def _values(row: Row, segment: Segment, raw: str, context: Context) -> list[Any]:
    """Return the values of a field with repetitions: one for each, if the element takes more than one."""
    takes_more = any(step.is_list for step in row.steps) or row.steps[-1].extension
    values: list[Any] = []
    for number, each in enumerate(raw.split(context.delimiters.repetition), 1):
        if not each or each == NULL:
            continue
        context.at(segment, row.number, number)
        if number > MOST_REPETITIONS:
            context.leave(Reason.TOO_MANY)
            break
        if values and not takes_more:
            context.leave(Reason.REPEATED)
        else:
            values += _listed(_made(row, each, context))
    return values


def _listed(made: Any) -> list[Any]:
    return made if isinstance(made, list) else [] if made is None else [made]


def _made(row: Row, raw: str, context: Context) -> Any:
    """Return the value of a repetition; results repeat the same units, times and people over and over."""
    replaced = context.options.functions
    function = (replaced.get(row.datatype) if replaced else None) or FUNCTIONS[row.datatype]
    if row.datatype not in REPEATING:
        return function(raw, context, row.argument)
    key = (row.datatype, row.argument, raw)
    if key in context.known:
        return context.known[key]
    count = len(context.report)
    made = function(raw, context, row.argument)
    if len(context.report) == count:
        context.known[key] = made
    return made
