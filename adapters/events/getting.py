"""Reads a resource of a store into memory, up to a limit, and finds out whether one that is missing is really gone.

A bare 404 says nothing about a resource: a proxy, a load balancer or a wrong address answers like that. Only the
store's own error, JSON with the status NOT_FOUND or an OperationOutcome that says so, or a 410 means that the resource
is not there. Even that may be a
moment's fault of the store, so it counts only after several tries.
"""

from collections.abc import Callable
from dataclasses import dataclass

from adapters.rest.http.client import Client
from adapters.rest.http.reply import Reply, read_json
from adapters.rest.verdict.outcomes import unavailable
from gateway.contract.outcome import Unavailable
from gateway.contract.outlook import Outlook

TOO_LARGE = Unavailable("the store's reply is larger than max_reply_bytes", outlook=Outlook.FINAL)
MISSING = Unavailable("the store says that it is not there (HTTP 404); it is asked again, because that may be a fault")
GONE_AFTER_SECONDS = (1.0, 3.0, 10.0)
"""Pauses before a resource that is missing is asked for again: if it is missing each time, four in all, it is gone."""
NOT_FOUND, GONE = 404, 410


@dataclass(frozen=True, slots=True)
class Gone:
    """The store says that the resource is not there."""


async def get_body(
    client: Client, url: str, accept: str, most: int, heard: Callable[[Reply], None] = lambda _: None
) -> bytes | Gone | Unavailable:
    """Return the body of a 200, or `Gone` if the store itself says that there is no such resource.

    *heard* is called with a reply that has a body of the permitted size, for its headers.
    """
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
    heard(reply)
    if is_gone(reply):
        return Gone()
    return bytes(kept) if reply.status == 200 else unavailable(reply)


def is_gone(reply: Reply) -> bool:
    """Whether the store itself says that there is no such resource."""
    if reply.status != NOT_FOUND:
        return reply.status == GONE
    value = read_json(reply.body)
    if isinstance(value, list) and len(value) == 1:  # DICOMweb methods wrap their errors in an array
        value = value[0]
    if not isinstance(value, dict):
        return False
    error, issues = value.get("error"), value.get("issue")
    if isinstance(issues, list) and value.get("resourceType") == "OperationOutcome":
        return any(isinstance(each, dict) and each.get("code") == "not-found" for each in issues)
    return isinstance(error, dict) and error.get("status") == "NOT_FOUND"
