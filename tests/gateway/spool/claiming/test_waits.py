"""What waits for other processes, and when to look again."""

from gateway.spool.claiming.waits import LOOKING_SHARE, MOST_NEIGHBOUR_SECONDS, NEIGHBOUR_SECONDS, Waits

KEYS = frozenset({b"key"})


def test_nothing_waits() -> None:
    """If no look has found anything, no ordering key is busy, and no look is due."""
    waits = Waits()
    waits.note("store", frozenset(), 0.0, 0.0, moves=False)
    assert (frozenset(), None) == (waits.queues("store", 0.0), waits.seconds_left("store", 0.0))


def test_until_the_next_look() -> None:
    """What was found to wait counts as busy until it is time to look again; other destinations are not concerned."""
    waits = Waits()
    waits.note("store", KEYS, 10.0, 10.0, moves=True)
    again_at = 10.0 + NEIGHBOUR_SECONDS
    assert (KEYS, frozenset()) == (waits.queues("store", 10.0), waits.queues("store", again_at))
    assert (frozenset(), None) == (waits.queues("other", 10.0), waits.seconds_left("other", 10.0))


def test_pauses_double() -> None:
    """The pause doubles up to a limit while nothing comes of the looks, and is short again once something does."""
    waits, now, pauses = Waits(), 0.0, []
    for _ in range(12):
        waits.note("store", KEYS, now, now, moves=False)
        pauses.append(waits.seconds_left("store", now) or 0.0)
        now += 1.0
    assert pauses == sorted(pauses)
    assert (2 * round(pauses[0], 9), MOST_NEIGHBOUR_SECONDS) == (round(pauses[1], 9), round(pauses[-1], 9))
    waits.note("store", KEYS, now, now, moves=True)
    assert NEIGHBOUR_SECONDS == round(waits.seconds_left("store", now) or 0.0, 9)


def test_a_long_look() -> None:
    """A look that took long is not repeated soon."""
    waits = Waits()
    waits.note("store", KEYS, 0.0, 3.0, moves=True)
    assert LOOKING_SHARE * 3.0 == waits.seconds_left("store", 3.0)


def test_a_claim_before_it_is_time() -> None:
    """A claim that did not look changes only what waits, and ends the wait if nothing waits any more."""
    waits = Waits()
    waits.note("store", KEYS, 0.0, 3.0, moves=True)
    waits.note("store", frozenset({b"another"}), 4.0, 4.0, moves=True)
    assert (frozenset({b"another"}), 11.0) == (waits.queues("store", 4.0), waits.seconds_left("store", 4.0))
    waits.note("store", frozenset(), 5.0, 5.0, moves=True)
    assert waits.seconds_left("store", 5.0) is None
