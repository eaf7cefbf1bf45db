"""What it means for senders and messages that a destination fails."""

from collections.abc import Iterable, Sequence

from gateway.causes.site import Site
from gateway.causes.wording import duration, listed, plain, several
from gateway.contract.observed import DestinationSeen, Observed, PeerSeen

RECENT_SECONDS = 86400.0
"""A peer that has sent something within this time counts as a sender."""
LONG_SECONDS = 30 * 86400.0
FILLING_SECONDS = 60.0
"""Sooner it cannot be said how fast the spool fills up."""


def effect_on_senders(name: str, observed: Observed, site: Site) -> str:
    """Return what becomes of the messages for a destination that fails, and what their senders are told."""
    seen = observed["destinations"][name]
    committing = _senders(observed["peers"], site.feeders(name, "commit"), observed["at"])
    relaying = _senders(observed["peers"], site.feeders(name, "relay"), observed["at"])
    sentences = []
    if site.feeders(name, "commit"):
        sentences.append(_waiting(name, seen, observed, site))
        sentences.append(f"{_subject(committing, 'is', 'are')} told success.")
    if site.feeders(name, "relay"):
        sentences.append(f"{_subject(relaying, 'is', 'are')} told failure and may send again; nothing waits here.")
    return " ".join(sentences)


def afterwards(name: str, site: Site) -> str:
    """Return what happens once it is mended."""
    if site.feeders(name, "commit"):
        return "Hilum delivers by itself when it works again."
    return "Senders are told success again as soon as it works."


def room_for(observed: Observed, since: float | None) -> str:
    """Return for how long the spool has room if it goes on filling up as it has *since*.

    It is empty if that is not known, or so long that nobody needs to think of it.
    """
    space = observed.get("space")
    if space is None or since is None:
        return ""
    seconds, used = observed["at"] - since, space.get("used", 0.0)
    if seconds < FILLING_SECONDS or used <= 0:
        return ""
    rooms = [space.get("free", 0.0) - space.get("min_free", 0.0)]
    if space.get("limit"):
        rooms.append(space["limit"] - used)
    lasts = max(0.0, min(rooms)) / (used / seconds)
    return duration(lasts) if lasts < LONG_SECONDS else ""


def _waiting(name: str, seen: DestinationSeen, observed: Observed, site: Site) -> str:
    noun = ("instance", "instances") if name in site.images else ("message", "messages")
    if not seen["waiting"]:
        return "What comes waits here, safe."
    room = room_for(observed, seen["oldest"])
    count, verb = several(seen["waiting"], *noun), "waits" if seen["waiting"] == 1 else "wait"
    return f"{count} {verb} here, safe{f'; room for {room}' if room else ''}."


def _senders(peers: Iterable[PeerSeen], listeners: Sequence[str], now: float) -> list[str]:
    """Return the peers that send to one of *listeners*, those that sent last first."""
    found = {
        plain(each["peer"]): each["last_message"]
        for each in peers
        if each["listener"] in listeners and each["last_message"] and now - each["last_message"] < RECENT_SECONDS
    }
    return sorted(found, key=lambda peer: -(found[peer] or 0.0))


def _subject(senders: Sequence[str], one: str, many: str) -> str:
    if not senders:
        return f"Senders {many}"
    return f"{listed(senders)} {one if len(senders) == 1 else many}"
