"""A peer in words: its last associations, what is known of its connections, what was noticed, its last messages."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gateway.contract.associations import AssociationSeen
from gateway.contract.explained import Explanation, Part, part
from gateway.contract.journal import Row
from gateway.contract.observed import Case, PeerSeen
from gateway.screen.explaining.association import brief, explained
from gateway.screen.explaining.cases import mends_of, of_subject, parts_of
from gateway.screen.explaining.places import KeyPath
from gateway.screen.explaining.rows import step_of
from gateway.screen.explaining.wording import moment, several

MOST_ROWS = 10
TOLD_BY_ASSOCIATION = ("contexts_refused", "called_ae_title", "calling_ae_title")
"""Causes of cases that the last association explains in more detail."""
UNKNOWN = (
    "Nothing is known of this peer since the start. Give its AE title, MSH-3|MSH-4 or IP address, as `hilum status` "
    "shows it. A peer that never reaches Hilum leaves no trace: look at its address and port, and at firewalls."
)


class Known(NamedTuple):
    """What is known of one peer."""

    associations: Sequence[AssociationSeen]
    """The latest first."""
    peers: Sequence[PeerSeen]
    """One for each listener."""
    cases: Sequence[Case]
    rows: Sequence[Row]
    """Its last messages, the latest first."""


def explain_peer(name: str, known: Known, path: KeyPath, now: float) -> Explanation:
    """Explain what happened to a peer."""
    parts: list[Part] = []
    mends: list[str] = []
    if known.associations:
        latest, mends = explained(known.associations[0], path)
        parts.append(latest)
    if len(known.associations) > 1:
        steps = [brief(each) for each in reversed(known.associations[1:])]
        parts.append(part("Before that:", steps=steps))
    told = TOLD_BY_ASSOCIATION if known.associations else ()
    cases = [each for each in of_subject(known.cases, "peer", name) if each["cause"] not in told]
    parts += parts_of(cases)
    parts += (_seen(each) for each in known.peers)
    if known.rows:
        steps = [step_of(each) for each in reversed(known.rows[:MOST_ROWS])]
        parts.append(part("Its last messages:", steps=steps))
    return Explanation(
        at=now,
        subject_kind="peer",
        subject=name,
        found=bool(parts),
        parts=parts or [part(UNKNOWN)],
        mends=list(dict.fromkeys([*mends, *mends_of(cases)])),
    )


def _seen(peer: PeerSeen) -> Part:
    title = f"{peer['peer']} at listener {peer['listener']}, from {peer['address'] or 'an unknown address'}:"
    return part(title, " ".join(_facts(peer)))


def _facts(peer: PeerSeen) -> Iterator[str]:
    if peer["connections"] >= 0:
        count = peer["connections"]
        yield f"{several(count, 'connection')} {'is' if count == 1 else 'are'} open."
    if peer["last_message"] is None:
        yield "No message has come since the start."
        return
    yield f"Its last message came at {moment(peer['last_message'])}."
    numbers = [f"{peer['stored']} stored"]
    numbers += [f"{peer[key]} {key}" for key in ("refused", "unavailable", "duplicates") if peer[key]]
    yield f"{several(peer['messages'], 'message')} since the start: {', '.join(numbers)}."
