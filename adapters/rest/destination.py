"""The base of all HTTP destinations: name, client and probe."""

from types import TracebackType
from typing import Self

from adapters.rest.connecting.dialer import SYSTEM, Trust
from adapters.rest.http.client import Client
from adapters.rest.http.urls import without_query
from adapters.rest.settings import RestSettings
from gateway.contract.body import Body
from gateway.contract.health import Health


class RestDestination:
    """Base class of the HTTP destinations; entered before the first message, left after the last."""

    def __init__(self, name: str, settings: RestSettings, trust: Trust = SYSTEM) -> None:
        self._name = name
        self._url = settings.url
        self._client = Client(settings, trust)

    @property
    def name(self) -> str:
        """The key of the destination in the configuration."""
        return self._name

    @property
    def address(self) -> str:
        """The store's address without its query, which may be a secret."""
        return without_query(self._url)

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    def health(self) -> Health:
        """Return how long the store takes, and how far its clock is from ours."""
        return self._client.health()

    async def probe(self) -> str | None:
        """Return why the store cannot be reached at the moment, or None. Never raises."""
        return await self._client.probe(self._url)


async def whole(body: Body) -> bytes:
    """Return all of *body*: an HL7 message is sent in one piece."""
    return b"".join([bytes(chunk) async for chunk in body.chunks()])
