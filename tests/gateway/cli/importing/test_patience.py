"""While nothing succeeds, pauses grow; behind the end of patience nothing is tried again."""

from gateway.cli.importing.patience import LONGEST_PAUSE, Patience


class Time:
    """A clock that only pauses move."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        """Return the time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.pauses.append(seconds)
        self.now += seconds


async def test_pauses_grow() -> None:
    """A store that is down for long is asked seldom; one success begins anew."""
    time = Time()
    patience = Patience(300, time, time.sleep)
    while time.now < 200:
        assert await patience.pause("why")
    assert max(time.pauses[:3]) < 1 < LONGEST_PAUSE / 2 < time.pauses[-1] <= LONGEST_PAUSE
    patience.succeeded()
    assert await patience.pause("why")
    assert time.pauses[-1] < 1


async def test_end() -> None:
    """The first reason counts, and nothing is tried behind it."""
    time = Time()
    patience = Patience(10, time, time.sleep)
    while await patience.pause("the first"):
        assert time.now <= 10
    assert await patience.pause("the second") is False
    patience.stop("the third")
    assert patience.stopped == "the first"


async def test_told() -> None:
    """Who waits is told once that nothing succeeds, and again after a success; not at the first short pauses."""
    time, told = Time(), list[tuple[str, float]]()
    patience = Patience(100, time, time.sleep, lambda why, left: told.append((why, left)))
    assert await patience.pause("the first")
    assert not told
    for _ in range(2):
        end = time.now + 20
        while time.now < end:
            assert await patience.pause("the next")
        ((why, left),) = told
        assert "the next" == why
        assert 94 <= left <= 100
        told.clear()
        patience.succeeded()


async def test_what_the_store_asks_for() -> None:
    """A store that asks for a pause gets it, up to the patience."""
    time = Time()
    patience = Patience(100, time, time.sleep)
    assert await patience.pause("why", 7)
    assert time.now == 7


async def test_failures_of_one_moment() -> None:
    """Many messages that fail together make the next pause no longer than one of them does."""
    time = Time()
    patience = Patience(300, time, time.sleep)
    for _ in range(50):
        time.now = 0.0
        assert await patience.pause("why")
    assert max(time.pauses) < 1
