"""Copies the beginning of a streamed body, because it may name the patient that the message is about."""

from collections.abc import AsyncIterator

from gateway.contract.body import Body, Buffer

MOST_OCTETS = 64 * 1024


class OverheardBody:
    """A body that keeps a copy of its first octets, MOST_OCTETS at most, as they are read."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._heard = bytearray()

    @property
    def length(self) -> int | None:
        """Octets in total, or None while the length is unknown."""
        return self._body.length

    @property
    def replayable(self) -> bool:
        """Whether the wrapped body is replayable."""
        return self._body.replayable

    @property
    def beginning(self) -> bytes:
        """The octets read so far, up to MOST_OCTETS."""
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
            # A reader that stops early closes this generator; a file behind the wrapped body must be closed with it.
            if (close := getattr(chunks, "aclose", None)) is not None:
                await close()
