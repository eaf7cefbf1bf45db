"""The Authorization header of the next request: out of a file, or out of a token that is fetched anew in time."""

from collections.abc import Mapping
from typing import Protocol

from adapters.rest.connecting.dialer import Contexts
from adapters.rest.credentials.google import GoogleTokens
from adapters.rest.credentials.oauth2 import ClientCredentials
from adapters.rest.credentials.opening import Credentials
from adapters.rest.credentials.tokens import RenewedToken
from adapters.rest.endpoint import MAX_RETRY_AFTER, Endpoint
from adapters.rest.settings import CredentialSettings, GoogleCredentials, OAuth2Credentials, ProxySettings
from gateway.contract.outcome import Unavailable


class Authorization(Protocol):
    """What makes Hilum known to one store."""

    def headers(self) -> Mapping[str, str] | Unavailable | None:
        """Return the headers for the next request, why there are none, or None when they have to be obtained."""

    async def obtain(self) -> Mapping[str, str] | Unavailable:
        """Return the headers for the next request once they are there, or why there are none."""

    def refuse(self, headers: Mapping[str, str]) -> bool:
        """Take note that the store did not accept *headers*; return whether there are others to be obtained."""

    async def close(self) -> None:
        """Fetch nothing any more."""


def authorization_of(
    settings: CredentialSettings,
    contexts: Contexts | None,
    max_retry_after: float = MAX_RETRY_AFTER,
    proxy: ProxySettings | None = None,
) -> Authorization:
    """Return what *settings* ask for; all else is for the endpoint that gives tokens, *proxy* the store's."""
    match settings:
        case OAuth2Credentials():
            way = settings.proxy_beside(proxy)
            return RenewedToken(ClientCredentials(settings, Endpoint(contexts, max_retry_after, way)).fetch)
        case GoogleCredentials():
            way = settings.proxy_beside(proxy)
            return RenewedToken(GoogleTokens(settings, Endpoint(contexts, max_retry_after, way)).fetch)
        case _:
            return Credentials(settings)
