"""The places of a listener: who gets one, and who has to give one up. One mechanism for sockets, handshakes, peers.

A place is *proven* once its holder has done what it came for. When a limit is reached, the newcomer gets the place of
a holder that is not proven and that nothing has come from that would still be going on, once it is a second old: the
oldest one of the address with the most such places. So who is silent has little time where places are short, and a
crowd of few addresses makes room at its own cost.

An address that has delivered before is *known*. What a stranger holds is never in its way: where the listener is full
it gets one of the places that are kept for the known, or else that of a stranger: first of one that is not proven,
finished or not, then of one that is, but had all its messages refused. No stranger takes the place of the known.
Addresses of IPv6 are counted by their /64, where a single machine has all it wants, until they are known.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from time import monotonic
from typing import Protocol

from gateway.contract.limits import KnownAddresses
from gateway.contract.meter import Rejection
from gateway.contract.settings import KEPT

GRACE_SECONDS = 1.0
"""Time that a newcomer has before another one may get its place."""
MOST_KNOWN = 10_000
"""Addresses that are remembered."""


class Guest(Protocol):
    """Who holds a place."""

    def is_idle(self) -> bool:
        """Whether nothing has begun that would still be going on."""

    def displace(self) -> None:
        """End the connection: its place is somebody else's now."""


class Connected(Guest, Protocol):
    """A connection, as those know it who count all of a listener."""

    def drain(self) -> None:
        """Let the peer go now, or after the answer that it waits for."""


class KnownPeers:
    """The addresses that have delivered, the latest MOST_KNOWN."""

    def __init__(self) -> None:
        self._addresses: dict[str, None] = {}

    def add(self, peer_ip: str) -> None:
        """Remember an address."""
        self._addresses.pop(peer_ip, None)
        self._addresses[peer_ip] = None
        if len(self._addresses) > MOST_KNOWN:
            del self._addresses[next(iter(self._addresses))]

    def __contains__(self, peer_ip: str) -> bool:
        """Whether the address has delivered."""
        return peer_ip in self._addresses


@dataclass(frozen=True, slots=True)
class Claim:
    """What a newcomer wants, and the limits that hold for it."""

    peer_ip: str
    most_of_peer: int
    """Places of its address at once."""
    entry: str = ""
    """Its entry in ``peers``."""
    most_of_entry: int | None = None
    """Places of all peers of that entry at once."""


@dataclass(slots=True, eq=False)
class Place:
    """One that is taken."""

    guest: Guest
    claim: Claim
    group: str
    since: float


class Places:
    """Those of one port, of which *most* are for everybody."""

    def __init__(self, most: int, known: KnownAddresses, now: Callable[[], float] = monotonic) -> None:
        self._most = most
        self._kept = most // KEPT
        self._known = known
        self._now = now
        self._places: dict[Guest, Place] = {}
        self._unproven: dict[Guest, Place] = {}
        """In the order in which they came."""
        self._groups: Counter[str] = Counter()
        self._entries: Counter[str] = Counter()

    def __len__(self) -> int:
        """Return how many are taken."""
        return len(self._places)

    def refusal(self, claim: Claim) -> Rejection | None:
        """Return the limit that keeps the newcomer out, None where it would get a place."""
        room = self._room(claim)
        return room if isinstance(room, Rejection) else None

    def enter(self, guest: Guest, claim: Claim) -> Rejection | None:
        """Give *guest* a place, perhaps somebody else's; or return the limit that keeps it out. Who enters leaves."""
        room = self._room(claim)
        if isinstance(room, Rejection):
            return room
        for place in room:
            self.leave(place.guest)
            place.guest.displace()
        place = Place(guest, claim, self._group_of(claim.peer_ip), self._now())
        self._places[guest] = self._unproven[guest] = place
        self._groups[place.group] += 1
        self._entries[claim.entry] += 1
        return None

    def leave(self, guest: Guest) -> bool:
        """Take the place back; return whether *guest* still had one."""
        place = self._places.pop(guest, None)
        self._unproven.pop(guest, None)
        if place is None:
            return False
        _count_out(self._groups, place.group)
        _count_out(self._entries, place.claim.entry)
        return True

    def prove(self, guest: Guest) -> None:
        """Take note that *guest* has done what it came for: no stranger gets its place."""
        self._unproven.pop(guest, None)

    def doubt(self, guest: Guest) -> None:
        """Take note that what *guest* came for is over: its place may be had again."""
        if guest in self._places:
            self._unproven[guest] = self._places[guest]

    def _room(self, claim: Claim) -> list[Place] | Rejection:
        """Return the places that have to be given up for *claim*, or the limit that is in its way."""
        group, leaving = self._group_of(claim.peer_ip), list[Place]()
        of_entry = None if claim.most_of_entry is None else claim.most_of_entry - self._entries[claim.entry]
        if of_entry is not None and of_entry <= 0:
            leaving += self._oldest(each for each in self._silent() if each.claim.entry == claim.entry)
            if not leaving:
                return Rejection.PEER_LIMIT
        if self._groups[group] - sum(place.group == group for place in leaving) >= claim.most_of_peer:
            own = self._oldest(each for each in self._silent() if each.group == group and each not in leaving)
            if not own:
                return Rejection.PEER_LIMIT
            leaving += own
        if len(self._places) - len(leaving) >= self._most + (self._kept if leaving else 0):
            found = self._of_anybody(claim)
            if found is None:
                return Rejection.CONNECTION_LIMIT
            leaving += found
        return leaving

    def _of_anybody(self, claim: Claim) -> list[Place] | None:
        """Return which place the newcomer gets where the port is full; an empty list is one of those that are kept."""
        silent = self._oldest(each for each in self._silent() if each.claim.peer_ip not in self._known)
        if silent or claim.peer_ip not in self._known:
            return silent or None
        if len(self._places) < self._most + self._kept:
            return []
        return self._stranger(self._unproven) or self._stranger(self._places) or self._oldest(self._silent()) or None

    def _stranger(self, places: Mapping[Guest, Place]) -> list[Place]:
        return self._oldest(each for each in places.values() if each.claim.peer_ip not in self._known)

    def _silent(self) -> Iterator[Place]:
        before = self._now() - GRACE_SECONDS
        return (place for place in self._unproven.values() if place.since <= before and place.guest.is_idle())

    def _oldest(self, places: Iterator[Place]) -> list[Place]:
        """Return the oldest one of the group that has the most places, if there is any."""
        found = max(places, key=lambda place: self._groups[place.group], default=None)  # the first of several
        return [] if found is None else [found]

    def _group_of(self, peer_ip: str) -> str:
        if ":" not in peer_ip or peer_ip in self._known:
            return peer_ip
        try:
            address = ip_address(peer_ip.partition("%")[0])
        except ValueError:
            return peer_ip
        if not isinstance(address, IPv6Address) or address.ipv4_mapped:
            return peer_ip
        return str(ip_network((address, 64), strict=False))


def _count_out(counter: Counter[str], name: str) -> None:
    counter[name] -= 1
    if not counter[name]:
        del counter[name]
