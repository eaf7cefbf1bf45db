"""RDE, RDS and RAS: orders of medication, what was dispensed, and what was given.

The three have the same groups. An RDE is about the order; the others name it, so that the store has it, and do not
change it.
"""

from collections.abc import Sequence
from itertools import pairwise

from adapters.fhir.charges import charge
from adapters.fhir.context import Context
from adapters.fhir.doses import administration, dispense
from adapters.fhir.orders import as_of
from adapters.fhir.prescriptions import number_of, only_name, prescription
from adapters.fhir.reading import Hl7Message, Segment
from adapters.fhir.rx import Rx, ordered_of, parts, rx_groups
from adapters.fhir.subject import Subject, subjects
from gateway.contract.outcome import Refused


def convert_order(message: Hl7Message, context: Context) -> Refused | None:
    """Convert an RDE into the bundle of *context*."""
    return _convert(message, context, is_order=True)


def convert_doses(message: Hl7Message, context: Context) -> Refused | None:
    """Convert an RDS or an RAS into the bundle of *context*."""
    return _convert(message, context, is_order=False)


def _convert(message: Hl7Message, context: Context, *, is_order: bool) -> Refused | None:
    found = subjects(message, context)
    if isinstance(found, Refused):
        return found
    for subject in found:
        before, groups = rx_groups(subject.group.others)
        subject.observe(before, subject.key, context)
        for group in groups:
            convert_group(group, subject, context, is_order=is_order)
    return None


def convert_group(group: Rx, subject: Subject, context: Context, *, is_order: bool) -> None:
    """Convert an order of a medication, with what was dispensed and given for it."""
    ordered = ordered_of(group)
    given = group.others[len(ordered) :]
    of_message = context.bundle.as_of
    context.bundle.as_of = as_of(group.orc, context) if is_order else of_message
    request = prescription(group, ordered, subject, context)
    context.bundle.as_of = of_message
    key = request.key if request is not None else number_of(group.orc, subject, context) or subject.key
    seen = subject.observe(ordered, key, context)
    if request is not None and seen:
        request.own("supportingInformation", [each.reference for each in seen])
    if request is not None and not is_order:
        only_name(request, context)
    for ft1, rest in parts(group.others, "FT1"):
        ft1.get(1)
        charge(ft1, rest, {}, subject, context)
    for rxd, rest in parts(given, "RXD"):
        dispense(group, rxd, rest, request, subject, context)
    for rxa, rest in _administrations(given):
        administration(group, rxa, rest, request, subject, context)


def _administrations(given: Sequence[Segment]) -> list[tuple[Segment, list[Segment]]]:
    """Return each RXA with the segments after it; an RXR after several RXA is about all of them."""
    found = list(parts(given, "RXA"))
    for (_, rest), (_, later) in reversed(list(pairwise(found))):
        if not rest:
            rest += [each for each in later if each.name == "RXR"]
    return found
