"""Reads a resource of a store into memory, up to a limit."""

from adapters.rest.http.client import Client
from adapters.rest.verdict.outcomes import unavailable
from gateway.contract.outcome import Unavailable

TOO_LARGE = Unavailable("the store's reply is larger than max_reply_bytes")
NOT_FOUND = {404, 410}


async def get_body(client: Client, url: str, accept: str, most: int) -> bytes | Unavailable | None:
    """Return the body of a 200; None if there is no such resource."""
    kept = bytearray()
    is_too_large = False

    def take(piece: bytes) -> bool:
        nonlocal is_too_large
        is_too_large = len(kept) + len(piece) > most
        if not is_too_large:
            kept.extend(piece)
        return not is_too_large

    reply = await client.request("GET", url, {"Accept": accept}, sink=take)
    if is_too_large:
        return TOO_LARGE
    if isinstance(reply, Unavailable):
        return reply
    if reply.status in NOT_FOUND:
        return None
    return bytes(kept) if reply.status == 200 else unavailable(reply)
