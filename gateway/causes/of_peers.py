"""Cases of peers: one for each peer and cause, unless a destination that fails explains it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set

from gateway.causes.lasting import heard_of, notice_lasts
from gateway.causes.making import Found, Subject
from gateway.causes.of_destinations import known
from gateway.causes.site import ListenerSite, Site
from gateway.causes.spoken import spoken
from gateway.causes.wording import duration, plain, times
from gateway.contract.causes import Cause
from gateway.contract.observed import NoticeSeen, Observed, PeerSeen, SilenceSeen

EXPLAINED = frozenset({Cause.PEER_GAVE_UP, Cause.PEER_REFUSED_OFTEN, Cause.DUPLICATES})
"""What peers do because a destination fails or is slow: it belongs to the effect of that."""
NO_CASE = frozenset({Cause.SEVERAL_PEERS})
"""What is only shown with the peer, and as the proof of a limit: a proxy is as it should be."""
SHARED = frozenset({Cause.RATE, Cause.PEER_LIMIT})
"""Limits of an address, which all its peers share."""
OFTEN = 5
"""Fewer messages that are sent again, or refused, are as usual: senders time out now and then."""
OFTEN_SHARE = 0.05
"""And that share of all messages of the peer."""
OF_CERTIFICATES = {
    "none": "it shows none",
    "issuer": "its issuer is not among those that are trusted",
    "ended": "it has ended",
    "not_yet_valid": "it is not valid yet, or our clock is behind",
    "name": "none of its names is among tls.client_names",
    "other": "it is not trusted",
    "unreadable": "it cannot be read",
}
"""What is wrong with the certificate of a peer, as ``gateway.tls.diagnosing`` says it."""
OF_LIMITS = {
    "peer_limit": "it has as many connections as are allowed",
    "connection_limit": "there are as many connections as max_connections allows",
    "descriptor_limit": "Hilum has no file descriptor left",
    "displaced": "it was idle for longest, and had to make room",
}
UNKNOWN_LISTENER = ListenerSite("")
MARKED = {"marked", "silent"}


def found_of_peers(observed: Observed, site: Site, failing: Set[str]) -> Iterator[Found]:
    """Yield what lasts of all peers; *failing* are the destinations that have a case."""
    explained = {name for name, each in site.listeners.items() if each.destinations & failing}
    heard = heard_of(observed["peers"])
    together = _together(observed["peers"])
    for peer in observed["peers"]:
        lasting = [each for each in peer["notices"] if notice_lasts(each, peer, heard, observed["at"])]
        by_cause: defaultdict[Cause, list[NoticeSeen]] = defaultdict(list)
        for notice in lasting:
            by_cause[known(notice["cause"])].append(notice)
        for cause, notices in by_cause.items():
            if cause in NO_CASE or (cause in EXPLAINED and peer["listener"] in explained):
                continue
            if not _is_often_enough(cause, notices, peer):
                continue
            shared = together.get((peer["listener"], peer["address"]), "") if cause in SHARED else ""
            yield _of_notices(cause, notices, peer, site, observed["at"], shared)
    yield from _silent(observed, site)


def _of_notices(
    cause: Cause, notices: list[NoticeSeen], peer: PeerSeen, site: Site, now: float, shared: str = ""
) -> Found:
    """Return one case for all notices of one cause: the sentence is about the one that was seen last.

    The address of the peer is *shared* by these peers.
    """
    last = max(notices, key=lambda each: each["last"])
    count = _count(notices)
    listener = site.listeners.get(peer["listener"], UNKNOWN_LISTENER)
    facts = {"listener": plain(peer["listener"]), "address": plain(peer["address"] or peer["peer"])}
    details = {name: value for name, value in last["details"].items() if value}
    facts |= {"times": times(count), "count": str(count), **_ours(listener), **spoken(details, now)}
    facts |= _in_words(details)
    if cause is Cause.PEER_REFUSED_OFTEN:
        facts |= {"refused": str(count), "messages": str(peer["messages"])}
    proof = [f"{times(count)}, last {duration(max(0.0, now - last['last']))} ago, from {facts['address']}"]
    if len(notices) > 1:
        proof.append(f"{len(notices)} different sorts")
    if shared:
        proof.append(f"this address is shared by {shared}")
    first = min(each["first"] for each in notices)
    subject = _subject(peer["peer"], site)
    return Found(cause, subject, first, facts, "; ".join(proof), key=peer["listener"])


def _subject(peer: str, site: Site) -> Subject:
    return Subject("peer", peer, site.peer_contacts.get(peer, ""))


def _ours(listener: ListenerSite) -> Mapping[str, str]:
    return {"ours": listener.ours} if listener.ours else {}


def _in_words(details: Mapping[str, str]) -> Mapping[str, str]:
    """Return the details that are words of a list as parts of a sentence."""
    found = {"why_in_words": OF_CERTIFICATES.get(details.get("why", ""))}
    found["limit_in_words"] = OF_LIMITS.get(details.get("limit", ""))
    return {name: words for name, words in found.items() if words is not None}


def _together(peers: Iterable[PeerSeen]) -> Mapping[tuple[str, str], str]:
    """Return by listener and address which peers come from there; it was noticed of the one that came last."""
    found: dict[tuple[str, str], NoticeSeen] = {}
    for peer in peers:
        for notice in peer["notices"]:
            key = peer["listener"], peer["address"]
            if notice["cause"] == Cause.SEVERAL_PEERS and (key not in found or found[key]["last"] < notice["last"]):
                found[key] = notice
    return {key: plain(notice["details"].get("peers", "")) for key, notice in found.items()}


def _is_often_enough(cause: Cause, notices: Iterable[NoticeSeen], peer: PeerSeen) -> bool:
    """Whether so many messages are concerned that somebody should look; of most causes, one is enough."""
    least = max(OFTEN, OFTEN_SHARE * peer["messages"])
    if cause is Cause.DUPLICATES:
        return peer["duplicates"] >= least
    return cause is not Cause.PEER_REFUSED_OFTEN or _count(notices) >= least


def _count(notices: Iterable[NoticeSeen]) -> int:
    return sum(each["count"] for each in notices)


def _silent(observed: Observed, site: Site) -> Iterator[Found]:
    connections = {(each["listener"], each["peer"]): each["connections"] for each in observed["peers"]}
    for each in observed["silence"]:
        if each["state"] in MARKED:
            number = connections.get((each["listener"], each["peer"]), -1)
            yield _of_silence(each, number, site, observed["at"])


def _of_silence(silence: SilenceSeen, connections: int, site: Site, now: float) -> Found:
    since, usual, rate = silence["since"], silence["usual_gap"], silence["rate"]
    facts = {"listener": plain(silence["listener"]), "connection": _connection(connections)}
    if since is not None:
        facts["silence"] = duration(max(0.0, now - since))
    if usual is not None:
        facts["usual_gap"] = duration(usual)
    proof = "" if rate is None else f"0 messages; usually {rate:.2g} an hour at this hour of the week"
    begun = now if since is None else since
    return Found(Cause.SILENT, _subject(silence["peer"], site), begun, facts, proof, key=silence["listener"])


def _connection(connections: int) -> str:
    if connections < 0:
        return "Whether it is connected is not known."
    return "Its connection is open, no message comes." if connections else "It has no connection."
