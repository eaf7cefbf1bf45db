"""Giving way to other connections: a store that sends as fast as it can takes no more than its part of each turn."""

import asyncio

READ_AT_ONCE = 64 * 1024
"""Octets that are read at once: to read a reply that is all framing takes 25 ns for each."""


def give_way(transport: asyncio.Transport, octets: int) -> None:
    """Read on in the next turn of the event loop where so many *octets* have come that more are likely to wait."""
    if octets >= READ_AT_ONCE and not transport.is_closing():
        transport.pause_reading()
        asyncio.get_running_loop().call_soon(_read_on, transport)


def _read_on(transport: asyncio.Transport) -> None:
    if not transport.is_closing():
        transport.resume_reading()
