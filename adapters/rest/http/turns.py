"""Fair reading: a store that sends as fast as it can gets only a limited part of each turn of the event loop."""

import asyncio

READ_AT_ONCE = 64 * 1024
"""Octets of a body that are read in one turn."""
FRAMING_AT_ONCE = 8 * 1024
"""Octets of framing that are read in one turn: header fields and chunks of one octet take 100 ns for each octet."""


def give_way(transport: asyncio.Transport, octets: int, at_once: int = READ_AT_ONCE) -> None:
    """Pause reading until the next turn of the event loop if the full *at_once* octets have come."""
    if octets >= at_once and not transport.is_closing():
        transport.pause_reading()
        asyncio.get_running_loop().call_soon(_read_on, transport)


def _read_on(transport: asyncio.Transport) -> None:
    if not transport.is_closing():
        transport.resume_reading()
