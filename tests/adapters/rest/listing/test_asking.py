"""A page is asked for until the store gives it, or says for good that it does not."""

import pytest

from adapters.rest.listing import asking
from adapters.rest.listing.asking import ask
from gateway.contract.outcome import Unavailable
from gateway.contract.store_listing import ListingError
from tests.adapters.rest.listing.support import ROOT, Store, client

AWAY = Unavailable("the store cannot be reached")
PAUSES = (0.0, 0.0)


@pytest.mark.parametrize("first", [AWAY, (503, b"Smith"), (429, b"")])
async def test_again(first: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a failure that may pass the page is asked for again."""
    store = Store({"/x": [first, (200, b"[]")]})  # type: ignore[list-item]
    assert await ask(client(store), f"{ROOT}/x", "application/json", PAUSES) == b"[]"
    assert len(store.asked) == 2


async def test_no_content() -> None:
    """A page without content is empty."""
    assert await ask(client(Store({"/x": (204, b"")})), f"{ROOT}/x", "application/json", PAUSES) == b""


@pytest.mark.parametrize(("answer", "times"), [(AWAY, 3), ((503, b"Smith"), 3), ((404, b"Smith"), 1)])
async def test_never(answer: object, times: int) -> None:
    """A failure that lasts is an error, which quotes nothing of the reply."""
    store = Store({"/x": answer})  # type: ignore[dict-item]
    with pytest.raises(ListingError, match="does not say what it holds") as caught:
        await ask(client(store), f"{ROOT}/x", "application/json", PAUSES)
    assert "Smith" not in str(caught.value)
    assert len(store.asked) == times


async def test_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page without end is an error."""
    monkeypatch.setattr(asking, "MOST_OCTETS", 10)
    with pytest.raises(ListingError, match="is larger than"):
        await ask(client(Store({"/x": (200, b"x" * 11)})), f"{ROOT}/x", "application/json", PAUSES)
