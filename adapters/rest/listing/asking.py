"""Asks a store for a page of what it holds; a reply that does not say it is asked for again, and then an error."""

import asyncio

from adapters.rest.http.client import Client
from gateway.contract.outcome import Unavailable
from gateway.contract.store_listing import ListingError

PAUSES = (1.0, 5.0, 20.0, 60.0)
"""Seconds before a page is asked for again."""
MOST_OCTETS = 256 * 1024 * 1024
"""Largest page."""
NOT_OFFERED = frozenset({400, 403, 404, 405, 406, 410, 501})
"""Answers that stay the same however often is asked."""
NOT_SAID = "the store does not say what it holds: {}; ask its administrator, or export it to files"
TOO_LARGE = f"a page of its answer is larger than {MOST_OCTETS // 2**20} MiB"


async def ask(client: Client, url: str, accept: str, pauses: tuple[float, ...] = PAUSES) -> bytes:
    """Return the octets of a page, none for a page without content (HTTP 204); raises ListingError."""
    why = ""
    for pause in (*pauses, None):
        kept = bytearray()

        def take(piece: bytes, kept: bytearray = kept) -> bool:
            kept.extend(piece)
            return len(kept) <= MOST_OCTETS

        reply = await client.request("GET", url, {"Accept": accept}, sink=take)
        if len(kept) > MOST_OCTETS:
            raise ListingError(NOT_SAID.format(TOO_LARGE))
        if isinstance(reply, Unavailable):
            why = reply.reason
        elif reply.status in {200, 204}:
            return bytes(kept)
        else:
            why = f"HTTP {reply.status}"
            if reply.status in NOT_OFFERED:
                break
        if pause is not None:
            await asyncio.sleep(pause)
    raise ListingError(NOT_SAID.format(why))
