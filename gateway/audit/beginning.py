"""Keeps the beginning of a body that passes by, because it may say whom the message is about."""

from collections.abc import AsyncIterator

from gateway.contract.body import Body, Buffer

MOST_OCTETS = 64 * 1024


class OverheardBody:
    """A body that remembers its first octets. They are copied, and never more than MOST_OCTETS of them."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._heard = bytearray()

    @property
    def length(self) -> int | None:
        """Octets in total, or None while the end is not known."""
        return self._body.length

    @property
    def replayable(self) -> bool:
        """As the body is."""
        return self._body.replayable

    @property
    def beginning(self) -> bytes:
        """What has passed, up to MOST_OCTETS."""
        return bytes(self._heard)

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the payload in order."""
        self._heard.clear()
        chunks = self._body.chunks()
        try:
            async for chunk in chunks:
                if (missing := MOST_OCTETS - len(self._heard)) > 0:
                    self._heard += chunk[:missing]
                yield chunk
        finally:
            # Who stops in the middle closes this; a file behind it has to be closed with it
            if (close := getattr(chunks, "aclose", None)) is not None:
                await close()
