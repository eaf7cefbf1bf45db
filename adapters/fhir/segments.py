"""The segments of orders, put together: what belongs to which ORC or OBR."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from adapters.fhir.context import Context
from adapters.fhir.reading import Segment

PRIOR = frozenset({"PR", "RE", "SC", ""})
"""ORC-1 within prior results (HL7 2.5.1, 4.4.6): another one begins the next order."""
LISTS = {"TQ1": "timings", "DG1": "reasons", "IPC": "steps", "ZDS": "steps"}
"""Where a segment belongs; a comment after it is one on the order."""
MEDICINES = frozenset({"RXO", "RXE"})
"""Details that make another order than a ServiceRequest."""


@dataclass(slots=True)
class Taken:
    """A specimen, with what belongs to it."""

    spm: Segment
    details: list[Segment] = field(default_factory=list)
    containers: list[Segment] = field(default_factory=list)
    notes: list[Segment] = field(default_factory=list)


@dataclass(slots=True)
class Order:
    """An ORC or OBR, and what belongs to it."""

    orc: Segment | None
    obr: Segment | None = None
    timings: list[Segment] = field(default_factory=list)
    notes: list[Segment] = field(default_factory=list)
    reasons: list[Segment] = field(default_factory=list)
    details: list[Segment] = field(default_factory=list)
    """OBX, and NTE after an OBX."""
    specimens: list[Taken] = field(default_factory=list)
    steps: list[Segment] = field(default_factory=list)
    people: list[Segment] = field(default_factory=list)
    """PRT, but for those of an observation."""
    prior: list[Segment] = field(default_factory=list)
    """The segments of prior results."""
    all: list[Segment] = field(default_factory=list)
    """All of these after the ORC, in order."""
    is_medicine: bool = False


def orders_of(segments: Sequence[Segment], has_prior: bool, context: Context) -> list[Order]:
    """Return the orders of a patient. With *has_prior*, PID and PV1 after an order begin prior results."""
    found: list[Order] = []
    is_prior = False
    notes: list[Segment] = []
    for segment in segments:
        if segment.name == "ORC":
            control = context.texts(segment.peek(1))[0]
            is_prior = bool(found) and (control == "PR" or (is_prior and control in PRIOR))
        elif segment.name in {"PID", "PV1"} and has_prior and found and found[-1].obr is not None:
            is_prior = True
        if is_prior:
            found[-1].prior.append(segment)
        else:
            notes = _add(segment, found, notes)
            if found and segment.name != "ORC":
                found[-1].all.append(segment)
    return found


def _add(segment: Segment, found: list[Order], notes: list[Segment]) -> list[Segment]:
    """Add *segment* to the last order, and return the list to which a comment after it belongs."""
    if segment.name == "NTE":
        notes.append(segment)
        return notes
    if segment.name == "PRT":
        if found and not any(each.name == "OBX" for each in notes):
            found[-1].people.append(segment)
        return notes
    if segment.name == "ORC":
        found.append(Order(segment))
    elif segment.name == "OBR":
        if not found or found[-1].obr is not None:
            found.append(Order(_shared(found[-1].orc if found else None, segment)))
        found[-1].obr = segment
    return _add_part(segment, found[-1], notes) if found else notes


def _shared(orc: Segment | None, obr: Segment) -> Segment | None:
    """Return the ORC before several OBR, unless the OBR has another number."""
    if orc is None or any(obr.peek(number) not in {"", orc.peek(number)} for number in (2, 3)):
        return None
    return orc


def _add_part(segment: Segment, order: Order, notes: list[Segment]) -> list[Segment]:
    last = order.specimens[-1] if order.specimens else None
    if segment.name in LISTS:
        getattr(order, LISTS[segment.name]).append(segment)
    elif segment.name == "OBX":
        details = order.details if last is None else last.details
        details.append(segment)
        return details
    elif segment.name == "SPM":
        order.specimens.append(Taken(segment))
        return order.specimens[-1].notes
    elif segment.name == "SAC" and last is not None:
        last.containers.append(segment)
        return last.notes
    elif segment.name in MEDICINES:
        order.is_medicine = True
    elif segment.name not in {"ORC", "OBR"}:
        return notes
    return order.notes
