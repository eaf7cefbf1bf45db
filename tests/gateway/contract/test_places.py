"""Which connection gets a place when places are scarce."""

from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway.contract import places
from gateway.contract.meter import Rejection
from gateway.contract.places import GRACE_SECONDS, MOST_KNOWN, Claim, KnownPeers, Places
from gateway.contract.settings import KEPT

LATER = 2 * GRACE_SECONDS


@dataclass(eq=False)
class Guest:
    """A connection."""

    ip: str
    idle: bool = True
    gone: bool = False

    def is_idle(self) -> bool:
        """Return the value that the test has set."""
        return self.idle

    def displace(self) -> None:
        """Remember it."""
        assert not self.gone
        self.gone = True


@dataclass
class House:
    """Places, a clock, and the connections so far."""

    most: int
    most_of_peer: int = 2
    now: float = 0.0
    known: KnownPeers = field(default_factory=KnownPeers)

    def __post_init__(self) -> None:
        """Open it."""
        self.places = Places(self.most, self.known, lambda: self.now)
        self.guests: list[Guest] = []

    def come(self, *addresses: str, idle: bool = True, entry: str = "", of_entry: int | None = None) -> list[object]:
        """Return what each newcomer is told."""
        told: list[object] = []
        for address in addresses:
            guest = Guest(address, idle)
            told.append(self.places.enter(guest, Claim(address, self.most_of_peer, entry, of_entry)))
            if told[-1] is None:
                self.guests.append(guest)
        return told

    @property
    def gone(self) -> list[int]:
        """The displaced connections, by their order of arrival."""
        return [number for number, guest in enumerate(self.guests) if guest.gone]


def test_limits() -> None:
    """A peer is accepted until its own limit or that of the port is reached, and again once another one has left."""
    house = House(most=3)
    told = house.come("a", "a", "a", "b", "c")
    assert [None, None, Rejection.PEER_LIMIT, None, Rejection.CONNECTION_LIMIT] == told
    assert [True, False] == [house.places.leave(house.guests[0]) for _ in range(2)]
    assert [None, Rejection.CONNECTION_LIMIT] == house.come("c", "a")


def test_limit_of_an_entry() -> None:
    """The peers of an entry share its limit, whatever their addresses; others do not."""
    house = House(most=9)
    assert [None, Rejection.PEER_LIMIT] == house.come("a", "b", entry="lab", of_entry=1)
    assert [None] == house.come("c")
    house.places.leave(house.guests[0])
    assert [None] == house.come("b", entry="lab", of_entry=1)


def test_asking_changes_nothing() -> None:
    """`refusal` does not displace any connection."""
    house = House(most=1)
    house.come("a")
    claim = Claim("b", 1)
    assert Rejection.CONNECTION_LIMIT is house.places.refusal(claim)
    house.now = LATER
    assert house.places.refusal(claim) is None
    assert [] == house.gone


# What each limit is reached by: the places, those that come first, and the newcomer.
FULL = {
    "the port": (House(most=3, most_of_peer=9), ("a", "b", "c"), "d", 0),
    "the port, by one address more than by others": (House(most=3, most_of_peer=9), ("a", "b", "b"), "d", 1),
    "one address": (House(most=9, most_of_peer=2), ("x", "a", "a"), "a", 1),
    "a network of IPv6": (House(most=9, most_of_peer=2), ("2001:db8::1", "2001:db8::2"), "2001:db8::3", 0),
}


@pytest.mark.parametrize(("house", "first", "newcomer", "leaves"), FULL.values(), ids=FULL)
def test_silent_ones_make_room(house: House, first: tuple[str, ...], newcomer: str, leaves: int) -> None:
    """At a limit, the oldest silent connection of the address with the most places is displaced, after its grace."""
    house.come(*first)
    house.now = GRACE_SECONDS * 0.9
    assert house.come(newcomer) != [None]
    house.now = LATER
    assert [None] == house.come(newcomer)
    assert [leaves] == house.gone


def test_silent_ones_of_an_entry() -> None:
    """The same holds for the limit of an entry in ``peers``."""
    house = House(most=9)
    house.come("x")
    house.come("a", entry="lab", of_entry=1)
    house.now = LATER
    assert [None] == house.come("b", entry="lab", of_entry=1)
    assert [1] == house.gone


def test_who_is_busy_stays() -> None:
    """A stranger never gets a place whose holder is at its first message or has had an answer."""
    house = House(most=2)
    house.come("a")
    house.come("b", idle=False)
    house.places.prove(house.guests[0])
    house.now = LATER
    assert [Rejection.CONNECTION_LIMIT] == house.come("c")


def test_doubt() -> None:
    """A proven place can be given away again after `doubt`; `doubt` does not restore a place that was left."""
    house = House(most=1)
    house.come("a")
    house.places.prove(house.guests[0])
    house.places.doubt(house.guests[0])
    house.now = LATER
    assert [None] == house.come("b")
    house.places.doubt(house.guests[0])
    assert (1, [0]) == (len(house.places), house.gone)


def test_places_are_kept_for_the_known() -> None:
    """If all places are proven, a tenth more is reserved for known addresses only."""
    house = House(most=2 * KEPT, most_of_peer=30)
    house.come(*["a"] * 20)
    for guest in house.guests:
        house.places.prove(guest)
    house.known.add("a")
    house.known.add("b")
    told = house.come("stranger", "b", "b", "b")
    assert [Rejection.CONNECTION_LIMIT, None, None, Rejection.CONNECTION_LIMIT] == told


def test_strangers_make_room_for_the_known() -> None:
    """A known address gets the place of a slow or new stranger, and never that of another known address."""
    house = House(most=2)
    house.known.add("known")
    house.known.add("other")
    house.come("known")
    house.come("stranger", idle=False)
    assert [None] == house.come("other")
    assert [1] == house.gone
    house.now = LATER
    assert [Rejection.CONNECTION_LIMIT] == house.come("stranger")
    assert [None] == house.come("other")  # of two that are known the one that has been silent for longest
    assert [0, 1] == house.gone


def test_refused_strangers_make_room_for_the_known() -> None:
    """A known address also gets the place of a stranger that had an answer but never delivered."""
    house = House(most=3)
    house.known.add("known")
    house.come("answered", "also answered", "silent")
    house.places.prove(house.guests[0])
    house.places.prove(house.guests[1])
    assert [None, None, Rejection.PEER_LIMIT] == house.come("known", "known", "known")
    assert [0, 2] == house.gone
    assert [Rejection.CONNECTION_LIMIT] == house.come("stranger")


def test_known_machines_of_one_network() -> None:
    """A known IPv6 address is counted by itself, and so is an IPv4-mapped address."""
    house = House(most=99, most_of_peer=1)
    house.known.add("2001:db8::2")
    assert [None, Rejection.PEER_LIMIT, None] == house.come("2001:db8::1", "2001:db8::3", "2001:db8::2")
    assert [None, None] == house.come("::ffff:192.0.2.1", "::ffff:192.0.2.2")
    assert [None, Rejection.PEER_LIMIT] == house.come("fe80::1%eth0", "fe80::2%eth0")


def test_memory() -> None:
    """Only the latest addresses are remembered, and nothing of places that were left or not given."""
    known = KnownPeers()
    for number in range(MOST_KNOWN + 1):
        known.add(f"{number}")
        known.add("0")
    assert [True, False, True] == [each in known for each in ("0", "1", f"{MOST_KNOWN}")]
    house = House(most=1)
    house.come("a", "b")
    house.places.leave(house.guests[0])
    assert ({}, {}, {}) == (dict(house.places._groups), dict(house.places._entries), house.places._unproven)


class Crowd(RuleBasedStateMachine):
    """Silent, slow, refused and good peers come and go; a known address is accepted within two seconds.

    There are fewer good peers than places, so that only the others could be in their way.
    """

    GOOD = tuple(f"good{number}" for number in range(5))
    BAD = tuple(f"bad{number}" for number in range(8))

    def __init__(self) -> None:
        """Open a house."""
        super().__init__()
        self.house = House(most=10, most_of_peer=5)
        self.there: dict[str, Guest] = {}
        self.proven: list[Guest] = []

    @initialize(addresses=st.sets(st.sampled_from(GOOD)))
    def some_were_there(self, addresses: set[str]) -> None:
        """Have these deliver before."""
        for address in sorted(addresses):
            self.house.known.add(address)

    @rule(address=st.sampled_from(BAD), count=st.integers(1, 12), idle=st.booleans())
    def bad_ones_come(self, address: str, count: int, idle: bool) -> None:
        """Silent ones, or slow ones, that never deliver."""
        self.house.come(*[address] * count, idle=idle)

    @rule(count=st.integers(1, 12), idle=st.booleans())
    def a_network_comes(self, count: int, idle: bool) -> None:
        """All from another address of one network."""
        self.house.come(*(f"2001:db8::{number:x}" for number in range(count)), idle=idle)

    @rule(idle=st.booleans())
    def a_crowd_comes(self, idle: bool) -> None:
        """As many as there are places, and more, from many addresses."""
        self.house.come(*self.BAD * 2, idle=idle)

    @rule()
    def bad_ones_are_refused(self) -> None:
        """Have them all answered, negatively: they stay, and have delivered nothing."""
        for guest in self.house.guests:
            if not guest.gone:
                self.house.places.prove(guest)

    @rule(address=st.sampled_from(BAD))
    def bad_ones_leave(self, address: str) -> None:
        """All of an address hang up."""
        for guest in self.house.guests:
            if guest.ip == address:
                self.house.places.leave(guest)

    @rule(seconds=st.sampled_from([0.1, 0.6, 5.0]))
    def time_passes(self, seconds: float) -> None:
        """Nothing happens for a while."""
        self.house.now += seconds

    @rule(address=st.sampled_from(GOOD), delivers=st.booleans())
    def a_good_one_comes(self, address: str, delivers: bool) -> None:
        """Try for two seconds: by then a known address is accepted, however many others try."""
        if address in self.there:
            return
        guest, known = Guest(address), address in self.house.known
        for attempt in range(5):
            if self.house.places.enter(guest, Claim(address, 5)) is None:
                self.there[address] = guest
                if delivers:
                    self.deliver(guest)
                return
            self.house.now += 0.5
            self.house.come(*(f"bad{attempt}",) * 2)
        assert not known

    @precondition(lambda self: self.there)
    @rule(data=st.data(), leaves=st.booleans())
    def a_good_one_delivers(self, data: st.DataObject, leaves: bool) -> None:
        """Deliver at once, then stay or leave."""
        address = data.draw(st.sampled_from(sorted(self.there)))
        guest = self.there[address]
        if not guest.gone:
            self.deliver(guest)
        if leaves or guest.gone:
            self.house.places.leave(guest)
            del self.there[address]

    def deliver(self, guest: Guest) -> None:
        """Have its message stored."""
        self.house.places.prove(guest)
        self.proven.append(guest)
        self.house.known.add(guest.ip)

    @invariant()
    def limits_hold(self) -> None:
        """No limit is exceeded, except by the reserved places."""
        most = self.house.most
        assert len(self.house.places) <= most + most // KEPT

    @invariant()
    def who_has_delivered_stays(self) -> None:
        """No connection that has delivered a message has lost its place."""
        assert not any(guest.gone for guest in self.proven)


Crowd.TestCase.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
TestCrowd = Crowd.TestCase


def test_grace_is_short() -> None:
    """Two seconds of trying are longer than the grace period of earlier connections."""
    assert places.GRACE_SECONDS <= 1.0
