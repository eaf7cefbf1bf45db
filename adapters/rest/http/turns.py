"""Giving way to other connections: a store that sends as fast as it can takes no more than its part of each turn."""

import asyncio

MUCH = 128 * 1024
"""Octets that come at once: uvloop reads up to 8 MiB from one connection before any other has its turn."""


def give_way(transport: asyncio.Transport, octets: int) -> None:
    """Read on in the next turn of the event loop where so many *octets* have come that more are likely to wait."""
    if octets >= MUCH and not transport.is_closing():
        transport.pause_reading()
        asyncio.get_running_loop().call_soon(_read_on, transport)


def _read_on(transport: asyncio.Transport) -> None:
    if not transport.is_closing():
        transport.resume_reading()
