"""Which resource of the store an entry is about, when a search has found none, one or several."""

from collections.abc import Mapping, Sequence

from adapters.rest.fhir.bodies import Json
from adapters.rest.fhir.entries import Entry, Token, record_tokens, tokens_of
from adapters.rest.fhir.stamps import Stamps
from adapters.rest.verdict.diagnoses import refused_message
from gateway.contract.outcome import Refused

Found = Mapping[tuple[str, Token], Sequence[Json]]
"""The resources in the store, by type and identifier."""
TIME = "effectiveDateTime"
UNCLEAR = (
    "the message corrects some of several resources of type {kind} that nothing tells apart (OBX-3 and OBX-4 are the "
    "same, and there is no OBX-21), so nobody knows which; have all of them sent again, or correct the store"
)
AMBIGUOUS = "the store has several resources of type {kind} with the identifier of the message; remove all but one"


def choose(entries: Sequence[Entry], found: Found) -> dict[int, Json] | Refused:
    """Return the resource in the store by the position of the entry; what is not there is missing."""
    if (refused := _without_rivals(entries, found)) is not None:
        return refused
    olds: dict[int, Json] = {}
    unclear: list[tuple[Entry, Sequence[Json]]] = []
    for entry in entries:
        candidates = found.get((entry.kind, entry.token), ()) if entry.token is not None else ()
        own = candidates if len(candidates) == 1 else [each for each in candidates if Stamps.of(each).key == entry.url]
        if len(own) == 1:
            olds[entry.position] = _of_the_time(entry, own[0], found)
        elif not candidates and entry.also:
            listed = {each["id"]: each for token in entry.also for each in found.get((entry.kind, token), ())}
            if len(listed) == 1:
                olds[entry.position] = next(iter(listed.values()))
        elif entry.kind == "Patient" or candidates:
            unclear.append((entry, candidates))
    chosen = {each.position: each for each in entries if each.position in olds and each.kind == "Patient"}
    records = [{olds[at]["id"] for at, each in chosen.items() if each.is_stub is is_stub} for is_stub in (False, True)]
    for entry, candidates in unclear:
        left = _narrowed(entry, candidates, *records) if candidates else _by_other_numbers(entry, found, *records)
        if len(left) > 1 or (candidates and not left):
            return Refused(AMBIGUOUS.format(kind=entry.kind), diagnosis=refused_message(code="204"))
        if left:
            olds[entry.position] = left[0]
    return olds


def _of_the_time(entry: Entry, own: Json, found: Found) -> Json:
    """Return *own*, or the observation with another name of the entry, if that one alone has the entry's time.

    A result that came alone has no time in its name; those that came together later have.
    """
    time = entry.resource.get(TIME) if entry.kind == "Observation" and entry.also else None
    if time is None or own.get(TIME) == time:
        return own
    listed = (each for token in entry.also for each in found.get((entry.kind, token), ()) if each.get(TIME) == time)
    return next(listed, own)


def _without_rivals(entries: Sequence[Entry], found: Found) -> Refused | None:
    """Return why nothing is written, if nobody knows what the message means."""
    rivalled = (each for each in entries if any(found.get((each.kind, token)) for token in each.rivals))
    unclear = next(rivalled, None)
    if unclear is None:
        return None
    return Refused(UNCLEAR.format(kind=unclear.kind), code="204", diagnosis=refused_message(code="204"))


def _narrowed(entry: Entry, candidates: Sequence[Json], mains: set[str], stubs: set[str]) -> Sequence[Json]:
    """Return those of several records with one number that the other numbers of the message point to.

    The numbers of MRG are those of one record, and so are those of PID: that record is one which is found already.
    """
    if entry.kind != "Patient":
        return candidates
    if entry.is_stub and stubs | mains:
        for others in (stubs, mains):
            if len(named := [each for each in candidates if each["id"] in others]) == 1:
                return named
    elif len(left := [each for each in candidates if each["id"] not in stubs]) == 1:
        return left
    return [each for each in candidates if tokens_of(each) >= tokens_of(entry.resource)] or candidates


def _by_other_numbers(entry: Entry, found: Found, mains: set[str], stubs: set[str]) -> list[Json]:
    """Return the records with another number of the patient, which came first and without this one.

    A record that has another number where this one is from is another record: two may share an enterprise number.
    """
    if entry.token is None:
        return []
    numbers = tokens_of(entry.resource)
    others = record_tokens(entry.resource) - entry.taken
    listed = {each["id"]: each for token in others for each in found.get(("Patient", token), ())}
    return [
        each
        for own, each in listed.items()
        if own not in mains | stubs and not any(system == entry.token[0] for system, _ in record_tokens(each) - numbers)
    ]
