"""Counting the items of a request, without a socket."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dimse.protocol.items import (
    MOST_CONTEXTS,
    MOST_ITEMS,
    MOST_TRANSFER_SYNTAXES,
    MOST_USER_ITEMS,
    has_too_many,
)
from tests.adapters.dimse.raw_peer import CT, EXPLICIT, associate_rq

PLAIN = associate_rq()


def item(kind: int, value: bytes) -> bytes:
    """Return an item or sub-item."""
    return bytes((kind, 0)) + len(value).to_bytes(2, "big") + value


def context(number: int, syntaxes: int) -> bytes:
    """Return a presentation context with so many transfer syntaxes."""
    return item(0x20, bytes((number, 0, 0, 0)) + item(0x30, CT.encode()) + item(0x40, EXPLICIT.encode()) * syntaxes)


def request(items: Sequence[bytes]) -> bytes:
    """Return a request that has *items* and nothing else."""
    return PLAIN[:74] + b"".join(items)


REQUESTS = {
    "an ordinary one": ([PLAIN[74:]], False),
    "as much as the standard allows": ([context(2 * each + 1, 60) for each in range(MOST_CONTEXTS)], False),
    "too many contexts": ([context(1, 1)] * (MOST_CONTEXTS + 1), True),
    "as many transfer syntaxes as may be": ([context(1, MOST_TRANSFER_SYNTAXES)], False),
    "too many transfer syntaxes": ([context(1, MOST_TRANSFER_SYNTAXES + 1)], True),
    "as many user items as may be": ([item(0x50, item(0x54, b"") * MOST_USER_ITEMS)], False),
    "too many user items": ([item(0x50, item(0x54, b"") * (MOST_USER_ITEMS + 1))], True),
    "too many of any kind": ([item(0x77, b"")] * (MOST_ITEMS + 1), True),
    "nothing at all": ([], False),
}


@pytest.mark.parametrize(("items", "too_many"), REQUESTS.values(), ids=REQUESTS)
def test_count(items: Sequence[bytes], too_many: bool) -> None:
    """Real requests are far from every limit, and one too many is seen."""
    assert too_many is has_too_many(request(items))


@given(st.binary(max_size=300), st.integers(0, len(PLAIN)))
def test_hostile_octets(noise: bytes, keep: int) -> None:
    """No octets raise, and lengths that lie are left to the decoder."""
    has_too_many(PLAIN[:keep] + noise)
    has_too_many(PLAIN[:keep] + noise + PLAIN[keep + len(noise) :])
