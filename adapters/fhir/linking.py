"""Merges, links and moves: what MRG, or a second PID, says of the records.

A merge changes two lists of links and one ``active``. The record of MRG is in the bundle as a stub: where the store has
the record, only what the stub owns and adds is written, because a PUT of the stub would wipe the record.
"""

from collections.abc import Iterable

from adapters.fhir.bundle import Json, Resource, found_by
from adapters.fhir.codes import UNKNOWN_CLASS
from adapters.fhir.context import Context
from adapters.fhir.events import Event, Linking
from adapters.fhir.identifiers import identifier
from adapters.fhir.identity import Parts, best, each_key, number_key
from adapters.fhir.reading import NULL, Segment
from adapters.fhir.report import Reason


def merged(
    mrg: Segment, event: Event, owner: Resource, visit: Resource | None, account: Resource | None, context: Context
) -> None:
    """Apply *event* to the record, the visit or the account that *mrg* names; *account* is that of PID."""
    context.at(mrg, 1)
    match event.linking:
        case Linking.MERGE:
            _merge_patients(mrg, owner, context)
        case Linking.MERGE_ALL:
            _merge_patients(mrg, owner, context)
            _change_account(mrg, Linking.MERGE_ACCOUNT, owner, account, context)
        case Linking.MOVE_IDENTIFIER:
            _move_identifiers(mrg, owner, context)
        case Linking.MOVE_VISIT | Linking.MERGE_VISIT | Linking.RENUMBER_VISIT:
            _change_visit(mrg, event.linking, owner, visit, context)
        case Linking.MERGE_ACCOUNT | Linking.MOVE_ACCOUNT:
            _change_account(mrg, event.linking, owner, account, context)
        case _:
            return


def _merge_patients(mrg: Segment, survivor: Resource, context: Context) -> None:
    numbers = each_key(mrg.get(1), context) or each_key(mrg.get(4), context)
    if not numbers:
        context.leave(Reason.NO_KEY)
    for raw, (key, natural) in numbers:
        prior = context.bundle.get("Patient", key, natural)
        if prior is survivor:
            context.leave(Reason.SAME_RECORD)
            continue
        if made := identifier(raw, context):  # for the case that the store does not have the record
            prior.body.setdefault("identifier", [made])
        prior.is_stub = True
        prior.own("active", False)
        revive(survivor)
        unlinked(prior, survivor)  # the reverse merge, which this one corrects
        link(prior, survivor, "replaced-by")
        link(survivor, prior, "replaces")


def moved_keys(mrgs: Iterable[Segment], event: Event, context: Context) -> frozenset[Parts]:
    """Return the keys of the numbers that move from another record to the patient of PID (A43)."""
    if event.linking is not Linking.MOVE_IDENTIFIER:
        return frozenset()
    return frozenset(key for mrg in mrgs for _, (key, _) in each_key(mrg.peek(1), context))


def _move_identifiers(mrg: Segment, owner: Resource, context: Context) -> None:
    """Add the identifiers of MRG-1, and take them from the record that had them, which only the store knows.

    A number that several people may have is not taken: all records with it would lose it.
    """
    of_records = {key for _, (key, _) in each_key(mrg.peek(1), context)}
    for each in mrg.get(1).split(context.delimiters.repetition):
        made, key = (None, None) if each == NULL else (identifier(each, context), number_key(each, context))
        if made is None or key is None:
            continue
        if key[0] == owner.key:
            context.leave(Reason.SAME_RECORD)
            continue
        # A number without a system finds a record by what is made of its key.
        for moved in (made,) if key[1] is not None else (made, found_by(owner.kind, key[0])):
            _add(owner, "identifier", moved)
            if key[0] in of_records:
                owner.takes.append(moved)


def link(one: Resource, other: Resource, kind: str) -> None:
    """Add a link from *one* patient to *other*."""
    _add(one, "link", {"other": other.reference, "type": kind})


def revive(patient: Resource) -> None:
    """Say that a record is in use, unless the message ends it."""
    if patient.body.get("active") is not False:
        patient.own("active", True)


def unlinked(one: Resource, other: Resource) -> None:
    """Remove the links between two patients."""
    for each, target in ((one, other), (other, one)):
        each.drops_links.append(target.reference)


def _add(found: Resource, element: str, item: Json) -> None:
    found.append(element, item)
    found.adds.add(element)


def _change_visit(mrg: Segment, linking: Linking, owner: Resource, visit: Resource | None, context: Context) -> None:
    context.at(mrg, 5)
    raw = mrg.get(5)
    key = number_key(raw.split(context.delimiters.repetition)[0], context, _before(mrg, owner, context))
    if key is None:
        context.leave(Reason.NO_KEY)
        return
    prior = context.bundle.get("Encounter", *key)
    prior.is_moved = True
    if prior is visit:
        return
    if made := identifier(raw, context, "VN"):
        prior.body.setdefault("identifier", [made])
    prior.body.setdefault("class", UNKNOWN_CLASS)
    prior.body.setdefault("status", "unknown")
    prior.is_stub = True
    prior.own("subject", owner.reference)
    if linking is Linking.MERGE_VISIT and visit is not None:
        prior.own("partOf", visit.reference)
        prior.own("status", "entered-in-error")
    elif linking is Linking.RENUMBER_VISIT and visit is not None:
        if visit.natural is None:
            _be_found(prior, visit.key)
        for each in visit.body.get("identifier", []):
            _add(prior, "identifier", each)
    elif linking is Linking.MOVE_VISIT:
        _move_number(prior, raw, owner, context)


def _change_account(
    mrg: Segment, linking: Linking, owner: Resource, account: Resource | None, context: Context
) -> None:
    context.at(mrg, 3)
    raw = mrg.get(3)
    key = number_key(raw.split(context.delimiters.repetition)[0], context, _before(mrg, owner, context))
    if key is None:
        context.leave(Reason.NO_KEY)
        return
    prior = context.bundle.get("Account", *key)
    if prior is account and linking is Linking.MERGE_ACCOUNT:
        context.leave(Reason.SAME_RECORD)
        return
    if made := identifier(raw, context, "AN"):
        prior.body.setdefault("identifier", [made])
    prior.is_stub = True
    prior.is_moved = True
    prior.own("subject", [owner.reference])
    if linking is Linking.MERGE_ACCOUNT:
        prior.own("status", "inactive")
        if account is not None:
            prior.own("partOf", account.reference)
    else:
        prior.body.setdefault("status", "unknown")
        _move_number(prior, raw, owner, context)


def _before(mrg: Segment, owner: Resource, context: Context) -> Parts:
    """Return the key of the patient who had the visit or the account: that of MRG-1, which is not there if it stays."""
    return (best(mrg.peek(1), context) or best(mrg.peek(4), context) or (owner.key,))[0]


def _move_number(prior: Resource, raw: str, owner: Resource, context: Context) -> None:
    """Let the number of *prior* lead to it for its new patient, too: without an authority it is one of the patient."""
    key = number_key(raw.split(context.delimiters.repetition, maxsplit=1)[0], context, owner.key)
    if key is not None and key[0] != prior.key:
        _be_found(prior, key[0])


def _be_found(prior: Resource, key: Parts) -> None:
    _add(prior, "identifier", found_by(prior.kind, key))
