"""Sets the transport's write limit to zero, so that the writer learns at once that a peer does not read."""

import asyncio


class UnbufferedWriter:
    """Makes the transport call ``pause_writing`` as soon as the kernel does not take every octet.

    A TLS transport calls it from the second octet on, and only after the first write. Before, its buffer may hold the
    end of the handshake (TLS 1.2: Finished; 1.3: tickets), which uvloop sends only while it reads; a pause for these
    octets would stop reading and sending for ever.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._is_limited = transport.can_write_eof()  # TLS ends in both directions at once, so it cannot
        if self._is_limited:
            transport.set_write_buffer_limits(0)

    def write(self, data: bytes) -> None:
        """Write *data*; after the first write the limit of a TLS transport is set."""
        self._transport.write(data)
        if not self._is_limited:
            self._is_limited = True
            self._transport.set_write_buffer_limits(1)
