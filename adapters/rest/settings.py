"""Settings of the destinations that are reached over HTTP."""

from importlib.util import find_spec
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from adapters.rest.http.header_rules import check_name, check_plain_name, check_value
from adapters.rest.http.urls import check_post_url, check_proxy_url, check_url, host_of, is_in_the_clear
from adapters.rest.verdict.answers import check_dicom_key, check_hl7_key
from gateway.contract.outlook import Outlook
from gateway.contract.settings import ClientTlsSettings, DestinationSettings, Seconds, SecretFile, Settings

Hl7Answers = dict[Annotated[str, AfterValidator(check_hl7_key)], Outlook]
DicomAnswers = dict[Annotated[str, AfterValidator(check_dicom_key)], Outlook]


class ProxySettings(Settings):
    """An HTTP proxy. The environment (HTTPS_PROXY and the like) has no say."""

    url: Annotated[str, AfterValidator(check_proxy_url)]
    """Address of the proxy: `http://`, a host and a port. For a store with `https://` it is asked for a tunnel
    (CONNECT), through which it sees only the name of the store; for one with `http://` it gets the whole request."""
    username: Annotated[str, StringConstraints(min_length=1, pattern=r"^[^:\x00-\x1f\x7f]+$")] | None = None
    """User name for HTTP Basic, without a colon; by default none is shown."""
    password_file: SecretFile | None = None
    """File that holds the password; read again when it changes."""
    allow_cleartext: bool = False
    """Whether the password may go to a proxy that is not on this machine, which is always in the clear."""

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
    """Credentials that somebody else gives out over HTTP."""

    proxy: ProxySettings | Literal["direct"] | None = None
    """Proxy on the way to whoever gives out the tokens, or `direct`; by default that of the destination. The metadata
    server of a machine is always asked directly."""

    def proxy_beside(self, store: ProxySettings | None) -> ProxySettings | None:
        """Return the proxy to use where that of the destination is *store*."""
        return store if self.proxy is None else None if self.proxy == "direct" else self.proxy


class NoCredentials(Settings):
    """The store asks for no credentials."""

    kind: Literal["none"] = "none"
    """No credentials."""


class BasicCredentials(Settings):
    """HTTP Basic (RFC 7617)."""

    kind: Literal["basic"]
    """User name and password."""
    username: Annotated[str, StringConstraints(min_length=1, pattern=r"^[^:\x00-\x1f\x7f]+$")]
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
    """What the token is to permit: names with spaces between them; by default what the endpoint thinks fit."""
    audience: str | None = None
    """Whom the token is meant for, where the endpoint asks for that."""
    client_auth: Literal["basic", "post"] = "basic"
    """Whether the client's name and secret go into the Authorization header or into the form."""
    tls: ClientTlsSettings | None = None
    """How the token endpoint is trusted, and which certificate it is shown."""


class GoogleCredentials(FetchedCredentials):
    """A token of Google Cloud, fetched anew before it expires."""

    kind: Literal["google"]
    """Token of a service account."""
    service_account_file: SecretFile | None = None
    """The service account's key as JSON; by default the metadata server of the machine gives the tokens."""
    scopes: Annotated[tuple[str, ...], Field(min_length=1)] = ("https://www.googleapis.com/auth/cloud-healthcare",)
    """What the token is to permit."""

    def proxy_beside(self, store: ProxySettings | None) -> ProxySettings | None:
        """Return the proxy to use where that of the destination is *store*."""
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


HeaderName = Annotated[str, AfterValidator(check_plain_name)]
SecretHeaderName = Annotated[str, AfterValidator(check_name)]
HeaderValue = Annotated[str, AfterValidator(check_value)]


CLEAR = (
    "would go to {host} in the clear, where others can read it; change {key} to https://,"
    " or add `allow_cleartext: true` to the destination if that is acceptable"
)


def _host_in_the_clear(url: str, proxy: ProxySettings | None) -> str | None:
    if is_in_the_clear(url):
        return host_of(url)
    # A store on this machine behind a proxy that is not.
    through = proxy is not None and url.startswith("http://") and is_in_the_clear(proxy.url)
    return host_of(proxy.url) if proxy is not None and through else None


class RestSettings(DestinationSettings):
    """What the three kinds have in common."""

    url: Annotated[str, AfterValidator(check_url)]
    """Address of the store: http or https, without credentials, query or fragment."""
    credentials: CredentialSettings = NoCredentials()
    """How Hilum makes itself known to the store."""
    tls: ClientTlsSettings | None = None
    """How the store is trusted, and which certificate it is shown; by default the system's CAs, and none."""
    proxy: ProxySettings | None = None
    """Proxy on the way to the store and to the token endpoint of its ``credentials``; by default there is none."""
    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict)
    """Header fields that every request to the store carries, for a gateway in front of it: names to values that are no
    secrets. Those that Hilum sets itself cannot be given, but for `User-Agent`."""
    header_files: dict[SecretHeaderName, SecretFile] = Field(default_factory=dict)
    """The same for secrets such as API keys: names to files that hold the values; read again when they change."""
    allow_cleartext: bool = False
    """Whether credentials, ``header_files`` and a query may go to a host other than this machine with `http://`, where
    everybody on the way can read them: to the store, and the client's secret to the token endpoint."""
    total_seconds: Seconds = Field(default=120, gt=0)
    """Longest time for one request, from waiting for a free connection to the last byte of the reply."""
    max_reply_bytes: int = Field(default=16 * 1024 * 1024, ge=1024)
    """Largest reply that is read; a larger one counts as no reply. Of an error, and of what a DICOMweb store says of
    instances, only the first 1 MiB is read (and 16 octets for each of an HL7 message)."""
    max_retry_after_seconds: Seconds = Field(default=300, ge=0)
    """Longest wait that the store, or the endpoint that gives the tokens for it, can ask for with Retry-After; a longer
    one is shortened to it."""

    @property
    def host_in_the_clear(self) -> str | None:
        """The host, other than this machine, to which messages go in the clear."""
        return _host_in_the_clear(self.url, self.proxy)

    @model_validator(mode="after")
    def _secrets_are_not_sent_in_the_clear(self) -> Self:
        if self.allow_cleartext:
            return self
        secrets = {
            "credentials": self.credentials.kind != "none",
            "header_files": bool(self.header_files),
            "the query of url": "?" in self.url,
        }
        found = [name for name, there in secrets.items() if there]
        if found and (host := self.host_in_the_clear) is not None:
            raise ValueError(f"{' and '.join(found)} {CLEAR.format(host=host, key='url')}")
        if isinstance(self.credentials, OAuth2Credentials):
            way = self.credentials.proxy_beside(self.proxy)
            if (host := _host_in_the_clear(self.credentials.token_url, way)) is not None:
                raise ValueError(f"credentials.client_secret_file {CLEAR.format(host=host, key='token_url')}")
        return self

    @model_validator(mode="after")
    def _headers_are_given_once(self) -> Self:
        names = [name.lower() for name in (*self.headers, *self.header_files)]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"headers and header_files: {', '.join(twice)} is given twice; remove one")
        if "authorization" in names and self.credentials.kind != "none":
            raise ValueError("header_files.Authorization and credentials are the same header; remove one")
        return self

    @model_validator(mode="after")
    def _tls_has_an_effect(self) -> Self:
        if self.tls is not None and self.url.startswith("http://"):
            raise ValueError("tls has no effect with http://; change url to https:// or remove tls")
        return self


class Hl7v2StoreSettings(RestSettings):
    """An HL7v2 store of the Cloud Healthcare API, or one that speaks like it."""

    kind: Literal["hl7v2_store"]
    """``messages:ingest`` below ``url``, the address of the store."""
    charset: Literal["as_sent", "utf-8"] = "as_sent"
    """Bytes as the peer sent them, or re-encoded in UTF-8."""
    segment_end: Literal["as_sent", "cr"] = "cr"
    """Line ends as the peer sent them, or CR, which the Cloud Healthcare API requires."""
    acknowledged_id: Literal["whole", "first_20", "any"] = "whole"
    """How MSA-2 of the store's acknowledgement has to name the message that was sent: by all of its MSH-10, also by the
    first 20 characters of it, or by anything, for a store whose MSA-2 is known to mean nothing. One that names another
    message is no answer to ours: the message is sent again (see `max_unreadable`)."""
    line_feeds: Literal["as_sent", "escaped"] = "as_sent"
    """Line feeds in the text of a message whose segments end with CR: as the peer sent them, or as the escape sequence
    `\\X0A\\`, for a store that would take them for the ends of segments."""
    answers: Hl7Answers = Field(default_factory=dict)
    """In commit mode: what this store means by its replies, where it is otherwise than in the table of docs/replies.md.
    `no reply`, `HTTP 409`, `HTTP 5xx`, `MSA-1 AR` or `ERR-3 207` is `final`, `doubtful`, `temporary` or `busy`."""


class HttpSettings(RestSettings):
    """Any endpoint that takes one HL7v2 message as the body of a POST."""

    kind: Literal["http"]
    """POST to exactly ``url``."""
    url: Annotated[str, AfterValidator(check_post_url)] = ""
    """Address of the endpoint: http or https, without credentials or fragment. It may have a query, which no log,
    metric, reason or audit event contains. Give this or ``url_file``."""
    url_file: SecretFile | None = None
    """File that holds the address, where its query is a secret (`?code=`, `?sig=`); read again when it changes. Another
    host in it counts from the next start."""
    charset: Literal["as_sent", "utf-8"] = "as_sent"
    """Bytes as the peer sent them, or re-encoded in UTF-8."""
    segment_end: Literal["as_sent", "cr"] = "as_sent"
    """Line ends as the peer sent them, or CR."""
    line_feeds: Literal["as_sent", "escaped"] = "as_sent"
    """Line feeds in the text of a message whose segments end with CR: as the peer sent them, or as the escape sequence
    `\\X0A\\`, for a store that would take them for the ends of segments."""
    answers: Hl7Answers = Field(default_factory=dict)
    """In commit mode: what this store means by its replies, where it is otherwise than in the table of docs/replies.md.
    `no reply`, `HTTP 409`, `HTTP 5xx`, `MSA-1 AR` or `ERR-3 207` is `final`, `doubtful`, `temporary` or `busy`."""
    content_type: Annotated[str, StringConstraints(pattern=r"^[!-~]+/[!-~][ -~]*$")] = "x-application/hl7-v2+er7"
    """Content-Type of the request."""
    acknowledged_id: Literal["whole", "first_20", "any"] = "whole"
    """How MSA-2 of the store's acknowledgement has to name the message that was sent: by all of its MSH-10, also by the
    first 20 characters of it, or by anything, for a store whose MSA-2 is known to mean nothing. One that names another
    message is no answer to ours: the message is sent again (see `max_unreadable`)."""
    accept_empty: bool = False
    """Whether a success without an HL7 acknowledgement means stored: an empty body, one word such as OK, or a JSON
    object in which every name and value tells of a success. Only for an endpoint that is known to answer so."""

    @model_validator(mode="after")
    def _address_is_given_once(self) -> Self:
        if bool(self.url) == (self.url_file is not None):
            raise ValueError("give one of url and url_file")
        return self


class BatchSettings(Settings):
    """When several spooled instances of one study share a STOW-RS request; whichever limit is met first ends the batch.

    A listener that relays sends each instance as it arrives, on its own.
    """

    instances: int = Field(default=1, ge=1, le=1000)
    """Most instances in one request; 1 sends each on its own."""
    bytes: int = Field(default=64 * 1024 * 1024, ge=1)
    """Most octets of instances in one request; a single larger instance is sent on its own."""
    wait_ms: int = Field(default=50, ge=0, le=60_000)
    """Longest wait for another instance before a batch that is not full is sent."""


class DicomwebSettings(RestSettings):
    """A DICOMweb origin server."""

    kind: Literal["dicomweb"]
    """STOW-RS; ``url`` is the root, the address before ``/studies``."""
    on_conflict: Literal["refuse", "overwrite"] = "refuse"
    """What to do when the store holds another instance under the same SOP Instance UID, or one of which nobody can tell
    whether it is another: where one of the two is compressed, in another transfer syntax than the other, or the store
    does not give it back. The same content in two uncompressed transfer syntaxes is the same instance. ``overwrite``
    replaces only with instances from the spool (``acknowledge: commit``); one that is relayed is refused with 0111, for
    nothing may be deleted before its replacement has come."""
    accept_empty: bool = False
    """Whether a 200 that names neither an instance nor a failure means stored where QIDO-RS and WADO-RS do not tell
    what the store holds: an empty body, or DICOM JSON or XML. Only for a store that is known to answer so."""
    answers: DicomAnswers = Field(default_factory=dict)
    """In commit mode: what this store means by its replies, where it is otherwise than in the table of docs/replies.md.
    `no reply`, `HTTP 409`, `HTTP 5xx`, `DICOM 0110` or `DICOM A7xx`, the Failure Reason, is `final`, `doubtful`,
    `temporary` or `busy`."""
    found_within: Seconds = Field(default=2, ge=0)
    """How long an instance that the store does not name in its answer is looked for, before it counts as not held:
    many stores answer before their index knows what they have stored. 0 looks once."""
    batch: BatchSettings = BatchSettings()
    """How many spooled instances share a request."""
    total_seconds: Seconds = Field(default=3600, gt=0)
    """Longest time for one request, from waiting for a free connection to the last byte of the reply."""
