"""What is known in the tests of explanations, written by hand."""

from typing import Any, cast

from gateway.contract.associations import AssociationSeen, ContextSeen
from gateway.contract.journal import Row
from gateway.contract.observed import Case, DestinationSeen, Observed, PeerSeen

NOW = 1764382860.0
"""2025-11-29 02:21 UTC."""
CT, PET, ENHANCED_PET = (f"1.2.840.10008.5.1.4.1.1.{each}" for each in ("2", "128", "130"))
FIND = "1.2.840.10008.5.1.4.1.2.2.1"
IMPLICIT, EXPLICIT, JPEG_2000 = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.90"


def path(listener: str, entry: str, key: str) -> str:
    """Return the path of a setting as it is without entries for peers."""
    return f"listeners.{listener}.{key}"


def context(number: int, sop_class: str, *syntaxes: str, **changed: Any) -> ContextSeen:
    """Return a context that was accepted with its first transfer syntax."""
    found: dict[str, Any] = {
        "number": number,
        "sop_class": sop_class,
        "transfer_syntaxes": list(syntaxes),
        "result": 0,
        "transfer_syntax": syntaxes[0] if syntaxes else "",
        "is_storage": True,
        "stored": 0,
        "failed": 0,
    }
    return cast("ContextSeen", {**found, **changed})


def association(*contexts: ContextSeen, **changed: Any) -> AssociationSeen:
    """Return an association of PET1 with these contexts, released."""
    found: dict[str, Any] = {
        "at": NOW - 60,
        "listener": "modalities",
        "peer": "PET1",
        "address": "10.31.4.40:51342",
        "called": "HILUM",
        "entry": "",
        "refusal": "",
        "accepted": [],
        "contexts": list(contexts),
        "more_contexts": 0,
        "ended": "released",
        "ended_at": NOW - 30,
    }
    return cast("AssociationSeen", {**found, **changed})


SKETCHED = association(
    context(1, CT, JPEG_2000),
    context(3, PET, EXPLICIT, IMPLICIT, stored=212),
    context(5, ENHANCED_PET, EXPLICIT, result=3, transfer_syntax=""),
    context(7, FIND, IMPLICIT, result=3, transfer_syntax="", is_storage=False),
)
"""That of the sketch."""


def row(**changed: Any) -> Row:
    """Return the row of a message that was committed."""
    found: dict[str, Any] = {
        "at": NOW - 100,
        "message_id": "7f",
        "listener": "lab",
        "peer": "LAB|CENTRAL",
        "address": "10.1.1.1:4000",
        "key": "C1",
        "type": "ORU^R01",
        "octets": 1200,
        "outcome": "committed",
        "answer": "AA",
        "reason": "",
        "destination": "",
        "attempts": 0,
        "seconds": 0.004,
    }
    return Row(**{**found, **changed})


def attempt(**changed: Any) -> Row:
    """Return the row of an attempt to deliver it."""
    found = {"at": NOW - 90, "listener": "", "peer": "", "address": "", "answer": "", "destination": "pacs"}
    return row(**{**found, "attempts": 1, "seconds": 2.0, "outcome": "unavailable", **changed})


def peer(**changed: Any) -> PeerSeen:
    """Return what is observed of a peer."""
    found: dict[str, Any] = {
        "peer": "PET1",
        "listener": "modalities",
        "address": "10.31.4.40",
        "connections": 1,
        "last_message": NOW - 40,
        "messages": 212,
        "stored": 210,
        "refused": 2,
        "unavailable": 0,
        "duplicates": 0,
        "notices": [],
    }
    return cast("PeerSeen", {**found, **changed})


def destination(**changed: Any) -> DestinationSeen:
    """Return what is observed of a destination that is well."""
    found: dict[str, Any] = {
        "kind": "dicomweb",
        "address": "http://10.20.0.8:8042",
        "available": True,
        "failing": None,
        "next_try": None,
        "last_success": NOW - 5,
        "delivered": 900,
        "passed_since": 0,
        "poison": {},
        "refused": {},
        "phases": None,
        "clock_skew": None,
        "waiting": 0,
        "parked": 0,
        "oldest": None,
    }
    return cast("DestinationSeen", {**found, **changed})


def observed(**changed: Any) -> Observed:
    """Return what a gateway has observed."""
    found: dict[str, Any] = {
        "at": NOW,
        "started_at": NOW - 9000,
        "version": "0.1.0",
        "state": "ready",
        "troubles": {},
        "missing_workers": [],
        "destinations": {},
        "peers": [],
        "silence": [],
        "certificates": [],
        "space": None,
        "parked": {},
        "spools_set_aside": [],
        "undelivered": {},
        "dropped": {},
    }
    return cast("Observed", {**found, **changed})


def case(**changed: Any) -> Case:
    """Return a case of a peer."""
    found: dict[str, Any] = {
        "id": "1",
        "state": "rejected",
        "level": "amber",
        "cause": "rate",
        "subject_kind": "peer",
        "subject": "PET1",
        "since": NOW - 600,
        "side": "peer",
        "title": "PET1 sends too much",
        "why": "It sends 400/s.",
        "proof": "9 times",
        "effect": "It waits.",
        "now": "Ask why.",
        "contact": "PET room, 4712",
        "verbs": [],
    }
    return cast("Case", {**found, **changed})
