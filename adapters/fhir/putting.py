"""Puts a value where a row leads, and knows which elements exclude each other."""

from typing import Any

from adapters.fhir.bundle import Json, Resource
from adapters.fhir.context import Context
from adapters.fhir.report import Reason
from adapters.fhir.tables import Step

CHOICES = (
    ("multipleBirthBoolean", "multipleBirthInteger"),
    ("deceasedBoolean", "deceasedDateTime"),
    ("effectiveDateTime", "effectivePeriod"),
    ("onsetString", "onsetDateTime"),
    ("occurrenceDateTime", "occurrenceTiming"),
    ("collectedDateTime", "collectedPeriod"),
)
"""Types of one element, of which a resource has one: the one that is set first."""
EXCLUSIVE = {one: {other for other in names if other != one} for names in CHOICES for one in names}
IMPLIED = frozenset({"multipleBirthBoolean", "deceasedBoolean", "effectiveDateTime", "collectedDateTime"})
"""Those that say nothing more than the other one does, unless they deny it."""


def put(body: Json, steps: tuple[Step, ...], value: Any) -> bool:
    """Put *value* where *steps* lead; false if another row has set that element, or its choice of types."""
    for step in steps[:-1] if len(steps) > 1 else ():
        if step.extension:
            holder: Json = {"url": step.extension}
            body.setdefault(step.name, []).append(holder)
            body = holder
        elif step.is_list:  # a way goes on in the first item
            body = body.setdefault(step.name, [{}])[0]
        else:
            body = body.setdefault(step.name, {})
    last = steps[-1]
    if last.extension:
        body.setdefault(last.name, []).append({"url": last.extension, **value})
    elif last.is_list:
        listed = body.setdefault(last.name, [])
        if value not in listed:
            listed.append(value)
    elif last.name in body or (last.name in EXCLUSIVE and not EXCLUSIVE[last.name].isdisjoint(body)):
        return False
    else:
        body[last.name] = value
    return True


def choose(name: str, value: Any, found: Resource, context: Context) -> bool:
    """Set an element of the resource itself; false, and a line of the report, if another field has set it."""
    steps = (Step(name),)
    if put(found.body, steps, value):
        return True
    if loses(found.body, steps, value):
        context.leave(Reason.REPEATED)
    return False


def loses(body: Json, steps: tuple[Step, ...], value: Any) -> bool:
    """Whether another field has set the element to something else, so that *value* is nowhere."""
    for step in steps[:-1]:
        inner = body.get(step.name, {})
        body = inner[0] if step.is_list else inner
    name = steps[-1].name
    return bool(body[name] != value) if name in body else name not in IMPLIED or value is False
