"""Whether what was seen still lasts: the screen must say that all is as usual within a minute after the end."""

from collections.abc import Iterable, Mapping

from gateway.contract.causes import Cause
from gateway.contract.observed import NoticeSeen, PeerSeen

HOLD_SECONDS = 45.0
"""What was seen is shown for so long after it was seen last."""
LONGEST_HOLD_SECONDS = 1800.0
HOLD_GAPS = 2.5
"""What comes again and again is shown over its gaps: for so many times the mean gap."""
AT_THE_DOOR = frozenset(
    {
        Cause.CALLED_AE_TITLE,
        Cause.CALLING_AE_TITLE,
        Cause.PEER_CERTIFICATE,
        Cause.PEER_TLS_FAILED,
        Cause.TLS_ON_PLAIN_PORT,
        Cause.PLAIN_ON_TLS_PORT,
        Cause.FRAMING,
        Cause.NETWORK_NOT_ALLOWED,
        Cause.PEER_LIMIT,
        Cause.PEER_TOKEN,
    }
)
"""Causes that keep a peer out: a message of it shows that they are over."""

Heard = Mapping[tuple[str, str], float]
"""By listener and name or address of a peer, when its last message came."""


def heard_of(peers: Iterable[PeerSeen]) -> Heard:
    """Return when the last message of each peer came, by its name and by its address."""
    heard: dict[tuple[str, str], float] = {}
    for peer in peers:
        last = peer["last_message"]
        if last is not None:
            for name in (peer["peer"], peer["address"]):
                key = peer["listener"], name
                heard[key] = max(last, heard.get(key, 0.0))
    return heard


def notice_lasts(notice: NoticeSeen, peer: PeerSeen, heard: Heard, now: float) -> bool:
    """Whether a notice still says how things are.

    A peer that is known by its address only is heard of by its own name once it gets in, so the address counts too.
    """
    if now - notice["last"] > LONGEST_HOLD_SECONDS:  # most notices are old: this is the fast way
        return False
    got_in = heard.get((peer["listener"], peer["peer"]), 0.0) > notice["last"]
    if got_in and notice["cause"] in AT_THE_DOOR:
        return False
    return lasts(notice["first"], notice["last"], notice["count"], now)


def lasts(first: float, last: float, count: int, now: float) -> bool:
    """Whether something that was seen *count* times from *first* to *last* is still shown."""
    gap = (last - first) / (count - 1) if count > 2 else 0.0
    return now - last <= max(HOLD_SECONDS, min(HOLD_GAPS * gap, LONGEST_HOLD_SECONDS))
