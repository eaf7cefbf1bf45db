"""Reads a payload for an operator: its outline, or, as an act of its own, its content."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from gateway.contract.body import Body, Buffer
from gateway.contract.outline import MOST_OCTETS, MOST_PARTS, Part
from gateway.kinds import KINDS, outline_of
from gateway.spool import Operations
from gateway.spool.operating.lookup import find_message

MOST_SHOWN = 4 * 2**20
"""Octets of the largest payload that is shown as text: a browser shows no more with ease."""


@dataclass(frozen=True, slots=True)
class Outlined:
    """What is shown by default."""

    protocol: str
    octets: int | None
    parts: Sequence[Part]
    is_cut: bool
    """Whether there may be more than is shown."""


async def outline(operations: Operations, entry_id: str) -> Outlined:
    """Return the outline of an entry's payload; raises GatewayError if there is none to read."""
    message = await find_message(operations, entry_id)
    protocol = message.facts.get("protocol", "")
    make, length = outline_of(protocol, KINDS), message.body.length
    if make is None:
        return Outlined(protocol, length, (), is_cut=False)
    beginning = await _beginning(message.body.chunks(), MOST_OCTETS)
    parts = make(beginning)
    is_cut = len(parts) >= MOST_PARTS or (length is not None and length > len(beginning))
    return Outlined(protocol, length, parts, is_cut)


async def lines(body: Body, protocol: str) -> list[str] | None:
    """Return the content of a payload as lines of text; None if it is too large, or its kind has no such form."""
    kind = KINDS.listeners.get(protocol)
    if kind is None or kind.lines is None or body.length is None or body.length > MOST_SHOWN:
        return None
    payload = await _beginning(body.chunks(), MOST_SHOWN)
    try:
        return [_visible(each) for each in kind.lines(payload)]
    except Exception:  # noqa: BLE001  the payload may be anything, and the library that reads it may raise anything
        return None


async def _beginning(chunks: AsyncIterator[Buffer], most: int) -> bytes:
    found = bytearray()
    async for chunk in chunks:
        found += chunk
        if len(found) >= most:
            break
    return bytes(found[:most])


def _visible(line: str) -> str:
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line)
