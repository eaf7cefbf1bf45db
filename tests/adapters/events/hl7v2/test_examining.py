"""What a message is that the list does not show."""

import pytest

from adapters.events.getting import Gone
from adapters.events.hl7v2.examining import ASKED_AGAIN, NOT_SHOWN, Examiner, Found
from adapters.events.hl7v2.feed import Entry, Listing
from adapters.events.hl7v2.listing import NOT_A_MESSAGE, Fetched
from gateway.contract.meter import Passed
from gateway.contract.outcome import Unavailable

AWAY = Unavailable("away")


class Source:
    """Answers as it is told to."""

    def __init__(self, got: Fetched | Gone | Unavailable, *, is_excluded: bool | Unavailable = False) -> None:
        self._got, self._is_excluded = got, is_excluded

    async def listed(self, since: int) -> Listing | Unavailable:
        """Return an empty list."""
        return Listing([], since, since)

    async def get(self, name: str, _: int | None = None) -> Fetched | Gone | Unavailable:
        """Return the message."""
        return await self.described(name)

    async def described(self, _: str) -> Fetched | Gone | Unavailable:
        """Return the message."""
        return self._got

    async def is_excluded(self, _: Entry) -> bool | Unavailable:
        """Return what was given."""
        return self._is_excluded


def fetched(created: int | None, *labels: str) -> Fetched:
    """Return a message."""
    return Fetched(b"", frozenset(labels), created)


CASES: dict[str, tuple[Source, Found]] = {
    "wanted": (Source(fetched(100)), Entry(100, "a")),
    "own": (Source(fetched(100, "hilum")), Passed.OWN),
    "from before the start": (Source(fetched(99)), Passed.IRRELEVANT),
    "left out": (Source(fetched(100), is_excluded=True), Passed.IRRELEVANT),
    "not shown": (Source(fetched(100), is_excluded=NOT_SHOWN), NOT_SHOWN),
    "no time": (Source(fetched(None)), NOT_A_MESSAGE),
    "the store fails": (Source(AWAY), AWAY),
    "missing": (Source(Gone()), ASKED_AGAIN),
}


async def known(_: object) -> set[str]:
    """Return the names that Hilum has ingested."""
    return {"known"}


@pytest.mark.parametrize(("source", "expected"), CASES.values(), ids=CASES)
async def test_examine(source: Source, expected: Found) -> None:
    """Each name gets what became known of it."""
    found = await Examiner(source, known, "hilum", 100, has_condition=True).examine(["a", "known"])
    assert {"a": expected, "known": Passed.OWN} == found


async def test_gone() -> None:
    """A message is gone when it was missing four times in a row."""
    examiner = Examiner(Source(Gone()), known, None, 0, has_condition=False)
    results = [(await examiner.examine(["a"]))["a"] for _ in range(4)]
    assert [ASKED_AGAIN] * 3 + [Passed.GONE] == results
