"""The fingerprints of an instance that was sent: computed while it is sent, or by reading it again."""

import asyncio
from collections.abc import AsyncIterator

from adapters.rest.dicomweb.content import ContentDigest
from adapters.rest.dicomweb.fingerprint import DataSetDigest, Fingerprint
from gateway.contract.body import Body, Buffer


class Sent:
    """One body on its way to the store. If it cannot be replayed, its fingerprints are computed while it is sent.

    The fingerprint of the octets costs little and is always computed; that of the content only if *with_content* says
    that it will be needed.

    A store may answer before it has the whole body. The rest is then read here, because half a body has no
    fingerprint. This is impossible if the sending was cancelled while it waited for the next chunk, because the message
    was given up: the iterator of the chunks has then ended.
    """

    def __init__(self, body: Body, *, with_content: bool = False) -> None:
        self._body = body
        self._octets = DataSetDigest()
        self._content = ContentDigest() if with_content and not body.replayable else None
        self._fingerprint: Fingerprint | None = None
        self._chunks: AsyncIterator[Buffer] | None = None
        self._is_waiting = self._is_read = False

    @property
    def has_content(self) -> bool:
        """Whether the fingerprint of its content is available."""
        return self._body.replayable or self._content is not None

    def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the body, to be sent."""
        return self._body.chunks() if self._body.replayable else self._watched()

    async def _watched(self) -> AsyncIterator[Buffer]:
        """Yield the chunks that have not been read yet, and add them to the fingerprints."""
        if self._chunks is None:
            self._chunks = self._body.chunks()
        content = self._content
        while not self._is_read:
            self._is_waiting = True
            chunk = await anext(self._chunks, None)
            self._is_waiting = False
            if chunk is None:
                self._is_read = True
                break
            self._octets.update(chunk)
            if content is not None:
                content.update(chunk)
            yield chunk

    async def read_on(self) -> bool:
        """Read the rest of a body that was sent in part; return whether all was read. Raises what the body raises.

        If the peer gives up the message meanwhile, waiting for its body ends in CancelledError, although this task was
        not cancelled.
        """
        if self._body.replayable or self._is_read:
            return True
        if self._is_waiting:
            return False
        try:
            async for _ in self._watched():
                pass
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            return False
        return True

    async def fingerprint(self) -> Fingerprint:
        """Return the fingerprint of its octets; raises what the body raises."""
        if self._fingerprint is None:
            if self._body.replayable:
                async for chunk in self._body.chunks():
                    self._octets.update(chunk)
            self._fingerprint = self._octets.finish()
        return self._fingerprint

    async def content(self) -> tuple[Fingerprint | None, bool]:
        """Return the fingerprint of its content, if available, and whether it was partly guessed."""
        content, self._content = self._content, None
        if content is None and self._body.replayable:
            content = ContentDigest()
            async for chunk in self._body.chunks():
                content.update(chunk)
        return (None, False) if content is None else (content.finish(), content.guessed)
