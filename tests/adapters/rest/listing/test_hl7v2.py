"""The messages of an HL7v2 store are listed page by page, octet for octet."""

import io
import json
from base64 import b64encode

import pytest

from adapters.rest.listing.hl7v2 import Hl7v2Listing
from gateway.contract.store_listing import ListingError
from tests.adapters.rest.listing.support import ROOT, Answer, Store, client

FIRST = "/messages?view=RAW_ONLY&pageSize=100"


def page(*messages: bytes, following: str = "") -> Answer:
    """Return a page."""
    found = [
        {"name": f"{ROOT}/messages/{number}", "data": b64encode(each).decode()} for number, each in enumerate(messages)
    ]
    return 200, json.dumps({"hl7V2Messages": found, "nextPageToken": following}).encode()


async def listed(store: Store) -> list[tuple[str, bytes]]:
    """Return the names and octets of all items."""
    found = []
    async for each in Hl7v2Listing(client(store), f"{ROOT}/").items():
        file = io.BytesIO()
        assert await each.fetch(file) is None
        found.append((each.name, file.getvalue()))
    return found


async def test_pages() -> None:
    """Each page leads to the next, also of a store that repeats a page."""
    store = Store({FIRST: page(b"MSH|1\r", b"\xff", following="a/b"), f"{FIRST}&pageToken=a%2Fb": page(b"MSH|3\r")})
    assert await listed(store) == [("messages/0", b"MSH|1\r"), ("messages/1", b"\xff"), ("messages/0", b"MSH|3\r")]
    again = Store({FIRST: page(following="t"), f"{FIRST}&pageToken=t": page(b"x", following="t")})
    assert await listed(again) == [("messages/0", b"x")]


@pytest.mark.parametrize("answer", [(200, b"[]"), (200, b'{"hl7V2Messages": [{"data": "?"}]}'), (404, b"")])
async def test_no_page(answer: Answer) -> None:
    """An answer that is no page is an error without anything of it."""
    with pytest.raises(ListingError, match="does not say what it holds"):
        await listed(Store({FIRST: answer}))
