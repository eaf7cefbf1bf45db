"""An instance that was sent, and what tells it from another: taken while it passes, or by reading it again."""

from collections.abc import AsyncIterator

from adapters.rest.content import ContentDigest
from adapters.rest.fingerprint import DataSetDigest, Fingerprint
from gateway.message import Body, Buffer


class Sent:
    """One body on its way to the store. A body that cannot be replayed is watched.

    The fingerprint of its octets costs little and is always taken; that of its content only when *with_content* says
    that it will be needed.
    """

    def __init__(self, body: Body, *, with_content: bool = False) -> None:
        self._body = body
        self._octets = DataSetDigest()
        self._content = ContentDigest() if with_content and not body.replayable else None
        self._fingerprint: Fingerprint | None = None

    @property
    def has_content(self) -> bool:
        """Whether its content can be told."""
        return self._body.replayable or self._content is not None

    def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the body, which is sent."""
        return self._body.chunks() if self._body.replayable else self._watched()

    async def _watched(self) -> AsyncIterator[Buffer]:
        content = self._content
        async for chunk in self._body.chunks():
            self._octets.update(chunk)
            if content is not None:
                content.update(chunk)
            yield chunk

    async def fingerprint(self) -> Fingerprint:
        """Return the fingerprint of its octets; raises what the body raises."""
        if self._fingerprint is None:
            if self._body.replayable:
                async for chunk in self._body.chunks():
                    self._octets.update(chunk)
            self._fingerprint = self._octets.finish()
        return self._fingerprint

    async def content(self) -> tuple[Fingerprint | None, bool]:
        """Return the fingerprint of its content, if that can be told, and whether it was partly guessed."""
        content, self._content = self._content, None
        if content is None and self._body.replayable:
            content = ContentDigest()
            async for chunk in self._body.chunks():
                content.update(chunk)
        return (None, False) if content is None else (content.finish(), content.guessed)
