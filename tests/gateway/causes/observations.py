"""Makes what might have been observed, for the tests of cases."""

from typing import Any, cast

from gateway.causes.site import ListenerSite, Site
from gateway.contract.observed import (
    CertificateSeen,
    DestinationSeen,
    Failing,
    NoticeSeen,
    Observed,
    PeerSeen,
    RefusalSeen,
    SilenceSeen,
)

NOW = 1_800_000_000.0
COMMITTING = ListenerSite("dimse", "commit", "HILUM", frozenset({"image-store"}))
RELAYING = ListenerSite("mllp", "relay", "", frozenset({"hl7-store"}))
SITE = Site(
    gateway="gw-1",
    data_dir="/var/lib/hilum",
    listeners={"modalities": COMMITTING, "lab": RELAYING},
    images=frozenset({"image-store"}),
    destination_contacts={"image-store": "PACS on-call, 4411"},
    peer_contacts={"LAB": "Laboratory IT, 4730"},
)


def observed(**parts: Any) -> Observed:
    """Return what was observed of a gateway where all is as usual, except for *parts*."""
    nothing: dict[str, Any] = {
        "at": NOW,
        "started_at": NOW - 86400,
        "version": "1.0",
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
    return cast("Observed", {**nothing, **parts})


def destination(**parts: Any) -> DestinationSeen:
    """Return a destination that takes messages, except for *parts*."""
    usual: dict[str, Any] = {
        "kind": "dicomweb",
        "address": "10.20.0.8:8042",
        "available": True,
        "failing": None,
        "next_try": None,
        "last_success": NOW - 5,
        "delivered": 1000,
        "passed_since": 0,
        "poison": {},
        "refused": {},
        "refusals": [],
        "phases": None,
        "clock_skew": None,
        "waiting": 0,
        "parked": 0,
        "oldest": None,
    }
    return cast("DestinationSeen", {**usual, **parts})


def failing(cause: str, since: float = 840.0, count: int = 37, reason: str = "it fails", /, **details: str) -> Failing:
    """Return failures that began *since* seconds ago."""
    return Failing(cause=cause, details=details, reason=reason, since=NOW - since, last=NOW - 2, count=count)


def stopped(cause: str, name: str = "image-store", waiting: int = 412, /, **details: str) -> dict[str, DestinationSeen]:
    """Return one destination that fails with *cause*."""
    return {
        name: destination(
            available=False,
            failing=failing(cause, **details),
            last_success=NOW - 845,
            waiting=waiting,
            oldest=NOW - 840,
            next_try=NOW + 12,
        )
    }


def peer(name: str = "CT1", listener: str = "modalities", *notices: NoticeSeen, **parts: Any) -> PeerSeen:
    """Return a peer that sent a message ten minutes ago, except for *parts*."""
    usual: dict[str, Any] = {
        "peer": name,
        "listener": listener,
        "address": "10.31.4.17",
        "connections": 1,
        "last_message": NOW - 600,
        "messages": 500,
        "stored": 500,
        "refused": 0,
        "unavailable": 0,
        "duplicates": 0,
        "notices": list(notices),
    }
    return cast("PeerSeen", {**usual, **parts})


def notice(cause: str, ago: float = 10.0, times: int = 1, /, **details: str) -> NoticeSeen:
    """Return a notice that was seen some *times*, all of them *ago* seconds ago."""
    return NoticeSeen(cause=cause, details=details, listener="modalities", first=NOW - ago, last=NOW - ago, count=times)


def refusal(what: str = "1.2.840.10008.5.1.4.1.1.130", **parts: Any) -> RefusalSeen:
    """Return the refusal of a SOP class, except for *parts*."""
    usual: dict[str, Any] = {
        "what": what,
        "code": "C122",
        "cause": "class_refused",
        "details": {"code": "C122"},
        "reason": "the store does not take this SOP class",
        "first": NOW - 300,
        "last": NOW - 20,
        "count": 12,
    }
    return cast("RefusalSeen", {**usual, **parts})


def silence(state: str = "silent", **parts: Any) -> SilenceSeen:
    """Return the silence of LAB, except for *parts*."""
    usual: dict[str, Any] = {
        "peer": "LAB",
        "listener": "lab",
        "state": state,
        "since": NOW - 13_920,
        "usual_gap": 1200.0,
        "rate": 75.0,
    }
    return cast("SilenceSeen", {**usual, **parts})


def certificate(days: float, place: str = "listeners.lab.tls") -> CertificateSeen:
    """Return a certificate that ends in so many days."""
    return CertificateSeen(place=place, subject="hilum.example", issuer="hospital CA", ends_at=NOW + days * 86400)
