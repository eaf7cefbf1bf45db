"""The Authorization header of the next request: from a file, or with a token that is fetched anew before it expires."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

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
    """The source of the headers that authenticate Hilum to one store."""

    def headers(self) -> Mapping[str, str] | Unavailable | None:
        """Return the headers for the next request, or why there are none, or None when `obtain()` has to be called."""

    async def obtain(self) -> Mapping[str, str] | Unavailable:
        """Wait for the headers of the next request and return them, or why there are none."""

    def refuse(self, headers: Mapping[str, str]) -> bool:
        """Mark *headers* as not accepted by the store; return whether others can be obtained."""

    async def close(self) -> None:
        """Stop fetching tokens."""


@runtime_checkable
class Telling(Protocol):
    """An Authorization that can tell where its secret is from; it need not."""

    def told(self) -> Mapping[str, str]:
        """Return ``path`` and ``changed_at`` of its file, or nothing."""


@dataclass(frozen=True, slots=True)
class Way:
    """How to reach the token endpoint."""

    contexts: Contexts | None = None
    """The SSL contexts; without them the CAs of the system are trusted."""
    max_retry_after: float = MAX_RETRY_AFTER
    proxy: ProxySettings | None = None
    """The proxy of the destination."""


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
    """Return the Authorization for *settings*, which are of a built-in kind."""
    opened: Authorization = BUILT_IN[settings.kind].open(settings, way)
    return opened
