"""Which patient and which visit a message is about: the keys by which a store finds them again."""

from collections.abc import Iterator, Sequence, Set

from adapters.fhir.context import Context
from adapters.fhir.identifiers import authority
from adapters.fhir.reading import NULL, Segment

Parts = tuple[str, ...]
Key = tuple[Parts, tuple[str, str] | None]
"""The parts of a key, and system and value of an identifier that has a system."""
NEVER = frozenset({"SS", "SB", "DL", "PPN", "AN", "VN", "AM", "DI", "MA", "MC"})
"""Types that identify no record: numbers of persons that are shared or wrong, of accounts, visits and cards."""


def patient_key(pid: Segment, context: Context, moved: Set[Parts] = frozenset()) -> Key | None:
    """Return the key of the patient of a PID: PID-3, or where that is empty PID-2, as before HL7 2.3.

    A number that has *moved* to the patient does not identify it yet, unless there is no other one.
    """
    return next((key for number in (3, 2) if (key := best(pid.get(number), context, moved)) is not None), None)


def best(raw: str, context: Context, moved: Set[Parts] = frozenset()) -> Key | None:
    """Return the key from a list of identifiers: by the configured order of types, then those without a type."""
    ranked = sorted(_candidates(raw, context), key=lambda each: (each[2][0] in moved, each[0]))
    return ranked[0][2] if ranked else None


def each_key(raw: str, context: Context) -> list[tuple[str, Key]]:
    """Return all identifiers in a list that identify a patient, each as received and with its key."""
    return [(each, key) for _, each, key in _candidates(raw, context)]


def _candidates(raw: str, context: Context) -> Iterator[tuple[int, str, Key]]:
    order: Sequence[str] = context.options.identifier_types
    for each in raw.split(context.delimiters.repetition):
        parts = context.components(each)
        parts += [""] * (6 - len(parts))
        kind = context.delimiters.text(parts[4])
        key = number_key(each, context)
        if key is not None and kind not in NEVER:
            yield order.index(kind) if kind in order else len(order) + bool(kind), each, key


def number_key(raw: str, context: Context, owner: Parts = ()) -> Key | None:
    """Return the key of one CX; *owner* is the key of the patient, unless it is the number of the patient."""
    if raw == NULL:
        return None
    parts = context.components(raw)
    parts += [""] * (6 - len(parts))
    number = context.delimiters.text(parts[0])
    if not number:
        return None
    system, name = authority(parts[3] or parts[5], context)
    return (*context.space(system, name, owner), number), ((system, number) if system else None)


def visit_key(pv1: Segment, account: str, patient: Parts, context: Context) -> tuple[Key, bool] | None:
    """Return the key of a visit, and whether it is made of patient and start; None if there is no number and no start.

    The number is PV1-19, or PID-18 if the settings say that it is one.
    """
    for raw in (pv1.get(19), account if context.options.account_is_visit else ""):
        if (key := number_key(raw.split(context.delimiters.repetition)[0], context, patient)) is not None:
            return key, False
    start = context.delimiters.text(pv1.peek(44).split(context.delimiters.component)[0])
    return (((*patient, "PV1-44", start), None), True) if start and start != NULL else None


def order_number(segment: Segment, number: int, context: Context, owner: Parts) -> Parts | None:
    """Return the key of an EI: number and authority, or patient and sender where that is missing."""
    return entity_key(segment.peek(number).split(context.delimiters.repetition)[0], context, owner)


def entity_key(raw: str, context: Context, owner: Parts) -> Parts | None:
    """Return the key of one EI; *owner* is the key of the patient."""
    parts = context.components(raw)
    value = context.delimiters.text(parts[0])
    if not value:
        return None
    system, name = authority(context.delimiters.subcomponent.join(parts[1:4]), context)
    return (*context.space(system, name, owner), value)
