"""Writes without a buffer of our own, so that whoever writes learns at once that a peer does not read."""

import asyncio


class UnbufferedWriter:
    """Has the transport call ``pause_writing`` for every octet that the system does not take.

    A TLS transport does so from the second octet on, and only after the first write: before, it holds the end of the
    handshake (TLS 1.2: Finished; 1.3: tickets), which uvloop's sends only while it reads. Paused for that, it would
    neither read nor send again.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._is_limited = transport.can_write_eof()  # TLS ends in both directions at once, so it cannot
        if self._is_limited:
            transport.set_write_buffer_limits(0)

    def write(self, data: bytes) -> None:
        """Write *data*."""
        self._transport.write(data)
        if not self._is_limited:
            self._is_limited = True
            self._transport.set_write_buffer_limits(1)
