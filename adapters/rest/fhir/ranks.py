"""Statuses that come before the time: what is preliminary never replaces what is final."""

from adapters.rest.fhir.bodies import Json
from adapters.rest.fhir.entries import Entry
from adapters.rest.fhir.stamps import WHOLE, Stamps
from adapters.rest.fhir.times import is_older

RESULT = {
    **dict.fromkeys(("registered",), 1),
    **dict.fromkeys(("preliminary", "partial"), 2),
    **dict.fromkeys(("final", "amended", "corrected", "appended"), 3),
}
CORRECTIONS = frozenset({"amended", "corrected", "appended"})
"""What a final result of the same time does not replace: it is sent again, or late."""
ORDER = {
    **dict.fromkeys(("active", "on-hold"), 1),
    **dict.fromkeys(("completed", "revoked", "entered-in-error"), 2),
}
RANKS = {"Observation": RESULT, "DiagnosticReport": RESULT, "ServiceRequest": ORDER}
"""The rank of each status, by type of resource. Of others, such as unknown or cancelled, the time decides."""


def is_outranked(entry: Entry, old: Json, stamps: Stamps) -> bool:
    """Whether the status that the store has is not changed by that of the message, whatever the times."""
    new_rank, old_rank = ranks(entry, old)
    return 0 < new_rank < old_rank or undoes(entry, old, stamps)


def ranks(entry: Entry, old: Json) -> tuple[int, int]:
    """Return the ranks of both statuses; 0 for one without a rank."""
    known = RANKS.get(entry.kind, {})
    return known.get(str(entry.resource.get("status")), 0), known.get(str(old.get("status")), 0)


def undoes(entry: Entry, old: Json, stamps: Stamps) -> bool:
    """Whether a final result of the same time as a correction would undo it."""
    if RANKS.get(entry.kind) is not RESULT or entry.resource.get("status") != "final":
        return False
    corrected = stamps.said.get("status") or stamps.said.get(WHOLE, "")
    is_tie = bool(entry.as_of and corrected) and not is_older(corrected, entry.as_of)
    return is_tie and old.get("status") in CORRECTIONS
