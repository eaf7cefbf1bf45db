"""Connection slots (*places*) of a port: who gets one, and who loses one. Used for sockets, handshakes and peers.

A place is *proven* once its holder has done what it connected for, such as delivering a message. When a limit is
reached, the newcomer gets the place of a holder that is not proven, has nothing in progress and is at least a second
old: the oldest such place of the address that has the most places. So silent connections are closed soon when places
are scarce, and many connections from few addresses displace each other.

An address that has delivered before is *known*; the others are strangers. Strangers never keep a known address out: if
the listener is full, the known address gets a reserved place, or else that of a stranger: first one that is not
proven, whether something is in progress or not, then one that is proven but whose messages were all refused. A stranger
never takes the place of a known address. IPv6 addresses that are not known are counted by their /64, because a single
machine can use all addresses of one.
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
"""Seconds before the place of a new connection may be given to another one."""
MOST_KNOWN = 10_000
"""Addresses that are remembered."""


class Guest(Protocol):
    """The holder of a place."""

    def is_idle(self) -> bool:
        """Whether nothing is in progress, such as a message that has begun to arrive."""

    def displace(self) -> None:
        """Close the connection: its place was given to another peer."""


class Connected(Guest, Protocol):
    """A connection of a listener."""

    def drain(self) -> None:
        """Close the connection now, or after the answer that the peer waits for."""


class KnownPeers:
    """The MOST_KNOWN addresses that delivered most recently."""

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
    """A request for a place, with the limits that apply."""

    peer_ip: str
    most_of_peer: int
    """Most places of this address at once."""
    entry: str = ""
    """The entry in ``peers`` that applies."""
    most_of_entry: int | None = None
    """Most places of all peers of that entry at once."""


@dataclass(slots=True, eq=False)
class Place:
    """A place that is taken."""

    guest: Guest
    claim: Claim
    group: str
    since: float


class Places:
    """The places of one port. *most* are for every peer; beyond these some are reserved for known addresses."""

    def __init__(self, most: int, known: KnownAddresses, now: Callable[[], float] = monotonic) -> None:
        self._most = most
        self._kept = most // KEPT
        self._known = known
        self._now = now
        self._places: dict[Guest, Place] = {}
        self._unproven: dict[Guest, Place] = {}
        """In the order of arrival."""
        self._groups: Counter[str] = Counter()
        self._entries: Counter[str] = Counter()

    def __len__(self) -> int:
        """Return how many places are taken."""
        return len(self._places)

    def refusal(self, claim: Claim) -> Rejection | None:
        """Return the limit that would reject *claim*; None if it would get a place."""
        room = self._room(claim)
        return room if isinstance(room, Rejection) else None

    def enter(self, guest: Guest, claim: Claim) -> Rejection | None:
        """Give *guest* a place, possibly one of another holder, or return the limit that rejects it.

        Each guest that has entered must call :meth:`leave` at its end.
        """
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
        """Free the place of *guest*; return whether it still had one."""
        place = self._places.pop(guest, None)
        self._unproven.pop(guest, None)
        if place is None:
            return False
        _count_out(self._groups, place.group)
        _count_out(self._entries, place.claim.entry)
        return True

    def prove(self, guest: Guest) -> None:
        """Mark the place as proven, because *guest* has done what it connected for: no stranger gets it."""
        self._unproven.pop(guest, None)

    def doubt(self, guest: Guest) -> None:
        """Mark the place as no longer proven: it may be given to another peer again."""
        if guest in self._places:
            self._unproven[guest] = self._places[guest]

    def _room(self, claim: Claim) -> list[Place] | Rejection:
        """Return the places that must be freed for *claim*, or the limit that rejects it."""
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
        """Return the place that must be freed when the port is full; an empty list stands for a reserved place."""
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
        """Return the oldest place of the group that has the most places, if there is any."""
        found = max(places, key=lambda place: self._groups[place.group], default=None)  # of equals the first
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
