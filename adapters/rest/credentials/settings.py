"""Settings of the credentials for a store, and of the proxy on the way to it."""

from importlib.util import find_spec
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from adapters.rest.http.urls import check_proxy_url, check_url, host_of, is_in_the_clear
from gateway.contract.forms import Form
from gateway.contract.settings import ClientTlsSettings, SecretFile, Settings

UserName = Annotated[
    str, Form(r"[^:\x00-\x1f\x7f]+", "is no user name for HTTP Basic; write one without a colon or control characters")
]


class ProxySettings(Settings):
    """An HTTP proxy. Environment variables such as HTTPS_PROXY are ignored."""

    url: Annotated[str, AfterValidator(check_proxy_url)]
    """Address of the proxy: `http://`, a host and a port. For a store with `https://` it is asked for a tunnel
    (CONNECT), through which it sees only the name of the store; for one with `http://` it gets the whole request."""
    username: UserName | None = None
    """User name for HTTP Basic, without a colon; by default the proxy gets no credentials."""
    password_file: SecretFile | None = None
    """File that holds the password; read again when it changes."""
    allow_cleartext: bool = False
    """Whether the password may go to a proxy on another machine; it is sent unencrypted."""

    @model_validator(mode="after")
    def _credentials_are_complete(self) -> Self:
        if (self.username is None) != (self.password_file is None):
            raise ValueError("username and password_file belong together; add the other one")
        return self

    @model_validator(mode="after")
    def _password_is_not_sent_in_the_clear(self) -> Self:
        if self.username is not None and not self.allow_cleartext and is_in_the_clear(self.url):
            raise ValueError(
                f"the password would go to {host_of(self.url)} in the clear, where others can read it;"
                " add `allow_cleartext: true` to the proxy if that is acceptable"
            )
        return self


class FetchedCredentials(Settings):
    """Credentials whose tokens are fetched over HTTP."""

    proxy: ProxySettings | Literal["direct"] | None = None
    """Proxy on the way to the token endpoint, or `direct` for none; by default the proxy of the destination. The
    metadata server of a machine is always asked directly."""

    def proxy_beside(self, store: ProxySettings | None) -> ProxySettings | None:
        """Return the proxy to use if that of the destination is *store*."""
        return store if self.proxy is None else None if self.proxy == "direct" else self.proxy


class NoCredentials(Settings):
    """The store asks for no credentials."""

    kind: Literal["none"] = "none"
    """No credentials."""


class BasicCredentials(Settings):
    """HTTP Basic (RFC 7617)."""

    kind: Literal["basic"]
    """User name and password."""
    username: UserName
    """User name, without a colon."""
    password_file: SecretFile
    """File that holds the password; read again when it changes."""


class BearerCredentials(Settings):
    """A bearer token (RFC 6750)."""

    kind: Literal["bearer"]
    """Token."""
    token_file: SecretFile
    """File that holds the token; read again when it changes, so that another program can renew it."""


class OAuth2Credentials(FetchedCredentials):
    """A token that a token endpoint gives to Hilum itself (RFC 6749 4.4), fetched anew before it expires."""

    kind: Literal["oauth2_client_credentials"]
    """Token of an OAuth 2 client."""
    token_url: Annotated[str, AfterValidator(check_url)]
    """Address of the token endpoint."""
    client_id: Annotated[str, StringConstraints(min_length=1)]
    """Name of the client."""
    client_secret_file: SecretFile
    """File that holds the client's secret; read again for each token."""
    scope: str | None = None
    """Scope of the token: names with spaces between them; by default the endpoint decides."""
    audience: str | None = None
    """Audience of the token: the service that it is meant for, if the endpoint requires one."""
    client_auth: Literal["basic", "post"] = "basic"
    """Whether the client's name and secret go into the Authorization header or into the form."""
    tls: ClientTlsSettings | None = None
    """The CAs that Hilum trusts for the token endpoint, and the client certificate that Hilum presents to it."""


class GoogleCredentials(FetchedCredentials):
    """A token of Google Cloud, fetched anew before it expires."""

    kind: Literal["google"]
    """Token of a service account."""
    service_account_file: SecretFile | None = None
    """The service account's key as JSON; by default the metadata server of the machine gives the tokens."""
    scopes: Annotated[tuple[str, ...], Field(min_length=1)] = ("https://www.googleapis.com/auth/cloud-healthcare",)
    """Scopes of the token."""

    def proxy_beside(self, store: ProxySettings | None) -> ProxySettings | None:
        """Return the proxy to use if that of the destination is *store*."""
        return None if self.service_account_file is None else super().proxy_beside(store)

    @model_validator(mode="after")
    def _library_is_installed(self) -> Self:
        if find_spec("google") is None or find_spec("google.auth") is None or find_spec("requests") is None:
            raise ValueError("needs the google-auth library; install Hilum with its extra google")
        return self


CredentialSettings = Annotated[
    NoCredentials | BasicCredentials | BearerCredentials | OAuth2Credentials | GoogleCredentials,
    Field(discriminator="kind"),
]
