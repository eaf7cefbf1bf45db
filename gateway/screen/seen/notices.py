"""All that was noticed of a peer since the start, in the words of the table of causes, also what is over."""

from dataclasses import dataclass

from gateway.causes.of_destinations import known
from gateway.causes.rows import fill
from gateway.causes.site import ListenerSite, Site
from gateway.causes.spoken import spoken
from gateway.causes.table import TABLE
from gateway.causes.wording import plain, times
from gateway.contract.observed import NoticeSeen, PeerSeen

UNKNOWN_LISTENER = ListenerSite("")


@dataclass(frozen=True, slots=True)
class Noticed:
    """One notice."""

    cause: str
    title: str
    why: str
    mend: str
    first: float
    last: float
    count: int


def noticed(peer: PeerSeen, site: Site, now: float) -> list[Noticed]:
    """Return the notices of a peer, the last one first."""
    return [_in_words(each, peer, site, now) for each in sorted(peer["notices"], key=lambda each: -each["last"])]


def _in_words(notice: NoticeSeen, peer: PeerSeen, site: Site, now: float) -> Noticed:
    cause = known(notice["cause"])
    row, ours = TABLE[cause], site.listeners.get(peer["listener"], UNKNOWN_LISTENER).ours
    facts = {
        "subject": plain(peer["peer"]),
        "listener": plain(peer["listener"]),
        "address": plain(peer["address"] or peer["peer"]),
        "times": times(notice["count"]),
        "count": str(notice["count"]),
        **({"ours": ours} if ours else {}),
        **spoken(notice["details"], now),
    }
    title, why, mend = (fill(text, facts) for text in (row.title, row.why, row.now))
    return Noticed(cause.value, title, why, mend, notice["first"], notice["last"], notice["count"])
