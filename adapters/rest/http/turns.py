"""Giving way to other connections: a store that sends as fast as it can takes no more than its part of each turn."""

import asyncio

READ_AT_ONCE = 64 * 1024
"""Octets of a body that are read at once."""
FRAMING_AT_ONCE = 8 * 1024
"""Octets that are read at once where they are framing: header fields and chunks of one octet take 100 ns for each."""


def give_way(transport: asyncio.Transport, octets: int, at_once: int = READ_AT_ONCE) -> None:
    """Read on in the next turn of the event loop where as many *octets* have come as were to be read *at_once*."""
    if octets >= at_once and not transport.is_closing():
        transport.pause_reading()
        asyncio.get_running_loop().call_soon(_read_on, transport)


def _read_on(transport: asyncio.Transport) -> None:
    if not transport.is_closing():
        transport.resume_reading()
