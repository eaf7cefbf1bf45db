"""The Authorization header of the next request: out of a file, or out of a token that is fetched anew in time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from adapters.rest.connecting.dialer import Contexts
from adapters.rest.credentials.google import GoogleTokens
from adapters.rest.credentials.oauth2 import ClientCredentials
from adapters.rest.credentials.opening import Credentials
from adapters.rest.credentials.settings import (
    BasicCredentials,
    BearerCredentials,
    CredentialSettings,
    GoogleCredentials,
    NoCredentials,
    OAuth2Credentials,
    ProxySettings,
)
from adapters.rest.credentials.tokens import RenewedToken
from adapters.rest.endpoint import MAX_RETRY_AFTER, Endpoint
from gateway.contract.kind import CredentialKind
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


@dataclass(frozen=True, slots=True)
class Way:
    """How to reach whoever gives out tokens."""

    contexts: Contexts | None = None
    """For TLS; the CAs of the system where there are none."""
    max_retry_after: float = MAX_RETRY_AFTER
    proxy: ProxySettings | None = None
    """The store's."""


def _from_file(settings: NoCredentials | BasicCredentials | BearerCredentials, _: Way) -> Authorization:
    return Credentials(settings)


def _from_oauth2(settings: OAuth2Credentials, way: Way) -> Authorization:
    endpoint = Endpoint(way.contexts, way.max_retry_after, settings.proxy_beside(way.proxy))
    return RenewedToken(ClientCredentials(settings, endpoint).fetch)


def _from_google(settings: GoogleCredentials, way: Way) -> Authorization:
    endpoint = Endpoint(way.contexts, way.max_retry_after, settings.proxy_beside(way.proxy))
    return RenewedToken(GoogleTokens(settings, endpoint).fetch)


NONE = CredentialKind("none", NoCredentials, _from_file)
BASIC = CredentialKind("basic", BasicCredentials, _from_file)
BEARER = CredentialKind("bearer", BearerCredentials, _from_file)
OAUTH2 = CredentialKind("oauth2_client_credentials", OAuth2Credentials, _from_oauth2)
GOOGLE = CredentialKind("google", GoogleCredentials, _from_google)
BUILT_IN = {each.name: each for each in (NONE, BASIC, BEARER, OAUTH2, GOOGLE)}


def authorization_of(settings: CredentialSettings, way: Way = Way()) -> Authorization:
    """Return what *settings* of a built-in kind ask for."""
    opened: Authorization = BUILT_IN[settings.kind].open(settings, way)
    return opened
