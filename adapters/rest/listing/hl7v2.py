"""The messages of an HL7v2 store of the Cloud Healthcare API: ``messages.list``, page by page, with the octets of each.

A message that is created meanwhile may be told or not; one that was there before is told, unless it is deleted.
"""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator
from functools import partial
from typing import IO
from urllib.parse import quote

import msgspec

from adapters.rest.http.client import Client
from adapters.rest.listing.asking import NOT_SAID, ask
from gateway.contract.store_listing import Item, ListingError

COUNT = 100
JSON = "application/json"


class Message(msgspec.Struct):
    """A message of a page."""

    name: str = ""
    data: str = ""
    labels: dict[str, str] = msgspec.field(default_factory=dict)


class Page(msgspec.Struct):
    """A page of a listing."""

    messages: list[Message] = msgspec.field(default_factory=list, name="hl7V2Messages")
    next_page: str = msgspec.field(default="", name="nextPageToken")


class Hl7v2Listing:
    """The store behind *client*, whose address is *root*."""

    def __init__(self, client: Client, root: str) -> None:
        self._client, self._root = client, root.rstrip("/")

    async def items(self) -> AsyncIterator[Item]:
        """Yield each message."""
        first = f"{self._root}/messages?view=RAW_ONLY&pageSize={COUNT}"
        asked, url = set[str](), first
        while url not in asked:
            asked.add(url)
            page = await asyncio.to_thread(_decoded, await ask(self._client, url, JSON))
            for each in page.messages:
                data = _octets(each.data)
                yield Item(f"messages/{each.name.rpartition('/')[2]}", partial(_write, data), each.labels)
            if not page.next_page:
                return
            url = f"{first}&pageToken={quote(page.next_page, safe='')}"


def _decoded(octets: bytes) -> Page:
    try:
        return msgspec.json.decode(octets, type=Page)
    except (msgspec.MsgspecError, RecursionError):
        raise ListingError(NOT_SAID.format("its answer is no page of messages")) from None


def _octets(data: str) -> bytes:
    try:
        return b64decode(data, validate=True)
    except ValueError:
        raise ListingError(NOT_SAID.format("a message of its answer is not in Base64")) from None


async def _write(octets: bytes, file: IO[bytes]) -> None:
    file.write(octets)
