"""How long an unused connection is kept."""

import pytest

from adapters.rest.connecting.idle import LONGEST, REMEMBERED, IdleLimit

ANNOUNCED = {
    "nothing": (None, LONGEST),
    "a timeout": ("timeout=5", 2.5),
    "with a count": ("timeout=5, max=100", 2.5),
    "behind the count": ("max=100, timeout=4", 2.0),
    "in capitals, with spaces": ("Timeout = 6", 3.0),
    "quoted": ('timeout="8"', 4.0),
    "none at all": ("timeout=0", 0.0),
    "longer than is made use of": ("timeout=600", LONGEST),
    "no number": ("timeout=soon", LONGEST),
    "another parameter": ("mytimeout=1", LONGEST),
    "only a count": ("max=3", LONGEST),
    "far too many digits": ("timeout=" + "9" * 400, LONGEST),
}


@pytest.mark.parametrize(("keep_alive", "seconds"), ANNOUNCED.values(), ids=ANNOUNCED)
def test_announced(keep_alive: str | None, seconds: float) -> None:
    """Half of the announced limit is used, and never more than the default."""
    assert seconds == IdleLimit(lambda: 0.0).seconds(keep_alive)


def test_learnt() -> None:
    """A connection closed by the store limits the time of the others; the shortest of several counts."""
    limit = IdleLimit(lambda: 0.0)
    learnt = []
    for seconds in (5.0, 0.3, 5.0):
        limit.learn(seconds)
        learnt.append(limit.seconds())
    assert [2.5, 0.15, 0.15] == learnt


def test_nothing_is_kept() -> None:
    """A store that closes soon after a reply gets each request on a connection of its own."""
    limit = IdleLimit(lambda: 0.0)
    limit.learn(0.09)
    assert 0 == limit.seconds()


def test_the_shorter_counts() -> None:
    """The announced and the learnt limit both count."""
    limit = IdleLimit(lambda: 0.0)
    limit.learn(3.0)
    assert [1.5, 1.0] == [limit.seconds("timeout=5"), limit.seconds("timeout=2")]


def test_forgotten() -> None:
    """A learnt limit, such as after a restart of the store, is forgotten after some time."""
    now = 0.0
    limit = IdleLimit(lambda: now)
    limit.learn(0.001)
    now = REMEMBERED - 1
    assert 0 == limit.seconds()
    now = REMEMBERED
    assert LONGEST == limit.seconds()
    limit.learn(10)
    assert 5 == limit.seconds()
