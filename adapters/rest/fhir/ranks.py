"""Statuses that come before the time: what is preliminary never replaces what is final.

A final result that is sent again after its correction has the time at which it was reported (OBR-22), and a new time of
the message (MSH-7). So of a final result and a correction only the first time counts: the correction has the higher
rank, unless the final result was reported after it.
"""

from adapters.rest.fhir.bodies import Json
from adapters.rest.fhir.entries import Entry
from adapters.rest.fhir.stamps import WHOLE, Stamps
from adapters.rest.fhir.times import happened, is_older

FINAL, CORRECTED = 3, 4
RESULT = {
    **dict.fromkeys(("registered",), 1),
    **dict.fromkeys(("preliminary", "partial"), 2),
    **dict.fromkeys(("final", "amended", "corrected", "appended"), FINAL),
}
CORRECTIONS = frozenset({"amended", "corrected", "appended"})
ORDER = {
    **dict.fromkeys(("active", "on-hold"), 1),
    **dict.fromkeys(("completed", "revoked", "entered-in-error"), 2),
}
RANKS = {"Observation": RESULT, "DiagnosticReport": RESULT, "ServiceRequest": ORDER}
"""The rank of each status, by type of resource. Of others, such as unknown or cancelled, the time decides."""


def is_outranked(entry: Entry, old: Json, stamps: Stamps) -> bool:
    """Whether the status that the store has is not changed by that of the message, whatever the times."""
    new_rank, old_rank = ranks(entry, old, stamps)
    return 0 < new_rank < old_rank


def outranks(entry: Entry, old: Json, stamps: Stamps) -> bool:
    """Whether the status of the message replaces that of the store, whatever the times."""
    new_rank, old_rank = ranks(entry, old, stamps)
    return new_rank > old_rank > 0


def ranks(entry: Entry, old: Json, stamps: Stamps) -> tuple[int, int]:
    """Return the ranks of both statuses; 0 for one without a rank."""
    known = RANKS.get(entry.kind, {})
    new_status, old_status = str(entry.resource.get("status")), str(old.get("status"))
    new_rank, old_rank = known.get(new_status, 0), known.get(old_status, 0)
    if known is RESULT and new_rank == old_rank == FINAL:
        told, kept = entry.as_of, stamps.said.get("status") or stamps.said.get(WHOLE, "")
        if old_status in CORRECTIONS and new_status == "final" and _stands(kept, told):
            return FINAL, CORRECTED
        if new_status in CORRECTIONS and old_status == "final" and _stands(told, kept):
            return CORRECTED, FINAL
    return new_rank, old_rank


def _stands(corrected: str, final: str) -> bool:
    """Whether a correction of that time is not undone by a final result of that time."""
    one, other = happened(corrected), happened(final)
    return bool(one and other) and not is_older(one, other)
