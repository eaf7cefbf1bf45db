"""Which connections pause and which go on when the memory limit is exceeded."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.limits.in_flight import SMALL, InFlight, InFlightAccount

LIMIT = 1_000_000
LARGE = 600_000


class Peers:
    """Accounts by name, and which of them are paused just now."""

    def __init__(self, names: str) -> None:
        self.shared = InFlight(LIMIT)
        self.paused: set[str] = set()
        self.accounts = {name: self._account(name) for name in names}

    def _account(self, name: str) -> InFlightAccount:
        def pause() -> None:
            assert name not in self.paused
            self.paused.add(name)

        return self.shared.account(pause, lambda: self.paused.remove(name))

    def hold(self, **octets: int) -> str:
        """Let each named peer hold so much; return who is paused then."""
        for name, held in octets.items():
            self.accounts[name].update(held)
        return "".join(sorted(self.paused))


# Each step: what peers hold now, and who is paused then.
STEPS: dict[str, list[tuple[dict[str, int], str]]] = {
    "nobody waits below the limit": [({"a": LARGE}, ""), ({"b": LIMIT - LARGE}, "")],
    "a single one may always go on": [({"a": 5 * LIMIT}, "")],
    "the first over the limit goes on, the next waits": [({"a": LARGE, "b": LARGE}, ""), ({"a": LARGE + 1}, "a")],
    "small ones never wait": [({"a": 2 * LIMIT, "b": SMALL, "c": SMALL + 1}, "c")],
    "when there is room all go on": [({"a": 2 * LIMIT, "b": LARGE, "c": LARGE}, "bc"), ({"a": 0, "b": 0, "c": 1}, "")],
    "the one that waited longest is next": [
        ({"a": 2 * LIMIT, "b": LIMIT, "c": LIMIT, "d": LIMIT}, "bcd"),
        ({"a": 0}, "cd"),
        ({"b": SMALL}, "d"),
        ({"c": 0}, ""),
    ],
    "the favourite may grow": [({"a": 2 * LIMIT, "b": LARGE}, "b"), ({"a": 3 * LIMIT}, "b")],
    "one that always holds much takes turns": [
        ({"a": 3 * LIMIT, "b": LIMIT, "c": LIMIT}, "bc"),
        ({"a": 2 * LIMIT}, "ac"),
        ({"b": LIMIT // 2}, "ab"),
        ({"c": LIMIT // 2}, "bc"),
    ],
    "with nobody waiting there is nobody to hand on to": [({"a": 3 * LIMIT}, ""), ({"a": 2 * LIMIT}, "")],
    "a waiting one that leaves is forgotten": [({"a": 2 * LIMIT, "b": LARGE}, "b"), ({"b": 0}, ""), ({"a": 0}, "")],
    "a waiting one that has little left goes on": [({"a": 2 * LIMIT, "b": LARGE}, "b"), ({"b": SMALL}, "")],
    "one that was favourite waits as others do": [
        ({"a": 2 * LIMIT, "b": LARGE, "c": LARGE}, "bc"),
        ({"a": 0}, "c"),
        ({"a": LARGE}, "ac"),
        ({"b": 0}, "a"),
    ],
}


def test_steps() -> None:
    """Each sequence of updates pauses the expected connections."""
    for story, steps in STEPS.items():
        peers = Peers("abcd")
        assert (story, [paused for _, paused in steps]) == (story, [peers.hold(**octets) for octets, _ in steps])


def test_exhausted() -> None:
    """A quarter over the limit new messages are turned away, and no longer when there is room.

    The favourite does not count: a single message, however large, is not answered by its own weight.
    """
    peers = Peers("ab")
    peers.hold(b=2 * LIMIT)
    assert (True, False) == (peers.shared.is_over, peers.shared.is_exhausted)
    peers.hold(b=0)
    told = []
    for held in (LIMIT, LIMIT + LIMIT // 4, LIMIT + LIMIT // 4 + 1, 0):
        peers.hold(b=SMALL + 1 if held > LIMIT else 0)
        peers.hold(a=held)
        told.append((peers.shared.is_over, peers.shared.is_exhausted))
    assert [(False, False), (True, False), (True, True), (False, False)] == told


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from([0, 1, SMALL, SMALL + 1, 400_000, LARGE, LIMIT]))))
def test_somebody_can_always_go_on(steps: list[tuple[str, int]]) -> None:
    """In any sequence the count is exact, small connections go on, and whenever one waits another one goes on."""
    peers = Peers("abcd")
    for name, held in steps:
        peers.hold(**{name: held})
        shared, accounts = peers.shared, peers.accounts
        assert sum(account.held for account in accounts.values()) == shared.octets
        assert peers.paused == {name for name, account in accounts.items() if account.is_waiting}
        assert all(accounts[name].held > SMALL for name in peers.paused)
        if peers.paused:
            assert shared.is_over
            assert shared.favourite is not None
            assert not shared.favourite.is_waiting
