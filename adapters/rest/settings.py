"""Settings of the destinations that are reached over HTTP."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from adapters.rest.credentials.settings import CredentialSettings, NoCredentials, OAuth2Credentials, ProxySettings
from adapters.rest.http.header_rules import check_name, check_plain_name, check_value
from adapters.rest.http.urls import check_post_url, check_url, host_of, is_in_the_clear
from adapters.rest.verdict.answers import check_hl7_key
from gateway.contract.forms import Form
from gateway.contract.outlook import Outlook
from gateway.contract.settings import ClientTlsSettings, DestinationSettings, Octets, Seconds, SecretFile

Hl7Answers = dict[Annotated[str, AfterValidator(check_hl7_key)], Outlook]


LabelKey = Annotated[
    str, Form(r"[a-z][a-z0-9_-]{0,62}", "is no key of a label; use lower-case letters, digits, `_` and `-`")
]
LabelValue = Annotated[
    str, Form(r"[a-z0-9_-]{0,63}", "is no value of a label; use up to 63 lower-case letters, digits, `_` and `-`")
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
    # The store is on this machine, but the proxy is not.
    through = proxy is not None and url.startswith("http://") and is_in_the_clear(proxy.url)
    return host_of(proxy.url) if proxy is not None and through else None


class RestSettings(DestinationSettings):
    """The settings that the kinds of HTTP stores have in common."""

    url: Annotated[str, AfterValidator(check_url)]
    """Address of the store: http or https, without credentials, query or fragment."""
    credentials: CredentialSettings = NoCredentials()
    """How Hilum authenticates to the store."""
    tls: ClientTlsSettings | None = None
    """CAs that Hilum trusts for the store, and the client certificate that it presents; by default the system's CAs and
    no certificate."""
    proxy: ProxySettings | None = None
    """Proxy on the way to the store and to the token endpoint of its ``credentials``; by default there is none."""
    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict)
    """Header fields added to every request to the store, for a gateway in front of it: names and values, no secrets.
    Fields that Hilum sets itself cannot be given, except `User-Agent`."""
    header_files: dict[SecretHeaderName, SecretFile] = Field(default_factory=dict)
    """Header fields whose values are secrets such as API keys: names, and the files that hold the values; a file is
    read again when it changes."""
    allow_cleartext: bool = False
    """Whether credentials, ``header_files`` and a query may go to a host other than this machine with `http://`, where
    everybody on the way can read them: to the store, and the client's secret to the token endpoint."""
    total_seconds: Seconds = Field(default=120, gt=0)
    """Longest time for one request, from waiting for a free connection to the last byte of the reply."""
    max_reply_bytes: Octets = Field(default=16 * 1024 * 1024, ge=1024)
    """Largest reply that is read; a larger one counts as no reply. Of an error, and of a DICOMweb store's reply about
    instances, only the first 1 MiB is read (for an HL7 message, plus 16 octets for each octet of the message)."""
    max_retry_after_seconds: Seconds = Field(default=300, ge=0)
    """Longest wait that the store or the token endpoint can ask for with Retry-After; a longer one is shortened to
    it."""

    @property
    def host_in_the_clear(self) -> str | None:
        """The host, other than this machine, to which messages go in the clear, or None."""
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
    """An HL7v2 store of the Cloud Healthcare API, or one with the same API."""

    kind: Literal["hl7v2_store"]
    """Sends ``messages:ingest`` below ``url``, the address of the store."""
    labels: dict[LabelKey, LabelValue] = Field(default={"hilum": "gateway"}, max_length=64)
    """Labels of each ingested message. By the key `hilum` a listener of the kind `pubsub` knows what Hilum has
    ingested, and the filter `NOT labels."hilum":*` in the store's ``notificationConfigs`` leaves it out; with several
    gateways the value can say which one it was. `{}` adds none, for a store that takes no labels; what an import
    reads beside a message is then left out as well."""
    charset: Literal["as_sent", "utf-8"] = "as_sent"
    """Character set: bytes as the peer sent them, or re-encoded in UTF-8."""
    segment_end: Literal["as_sent", "cr"] = "cr"
    """Segment ends as the peer sent them, or CR, which the Cloud Healthcare API requires."""
    acknowledged_id: Literal["whole", "first_20", "any"] = "whole"
    """What MSA-2 of the store's acknowledgement must be: the whole MSH-10 of the message; that or its first 20
    characters; or anything, for a store whose MSA-2 is known to mean nothing. An acknowledgement that names another
    message is not accepted: the message is sent again (see `max_unreadable`)."""
    line_feeds: Literal["as_sent", "escaped"] = "as_sent"
    """Line feeds in the text of a message whose segments end with CR: as the peer sent them, or as the escape sequence
    `\\X0A\\`, for a store that takes line feeds as ends of segments."""
    answers: Hl7Answers = Field(default_factory=dict)
    """In commit mode: what this store means by its replies, if it differs from the table in docs/replies.md. Keys:
    `no reply`, `HTTP 409`, `HTTP 5xx`, `MSA-1 AR`, `ERR-3 207`; values: `final`, `doubtful`, `temporary`, `busy`."""


class HttpSettings(RestSettings):
    """Any endpoint that takes one HL7v2 message as the body of a POST."""

    kind: Literal["http"]
    """POST to exactly ``url``."""
    url: Annotated[str, AfterValidator(check_post_url)] = ""
    """Address of the endpoint: http or https, without credentials or fragment. It may have a query, which no log,
    metric, reason or audit event contains. Give this or ``url_file``."""
    url_file: SecretFile | None = None
    """File that holds the address if its query is a secret (`?code=`, `?sig=`); read again when it changes. To change
    the host, restart Hilum."""
    charset: Literal["as_sent", "utf-8"] = "as_sent"
    """Character set: bytes as the peer sent them, or re-encoded in UTF-8."""
    segment_end: Literal["as_sent", "cr"] = "as_sent"
    """Segment ends as the peer sent them, or CR."""
    line_feeds: Literal["as_sent", "escaped"] = "as_sent"
    """Line feeds in the text of a message whose segments end with CR: as the peer sent them, or as the escape sequence
    `\\X0A\\`, for a store that takes line feeds as ends of segments."""
    answers: Hl7Answers = Field(default_factory=dict)
    """In commit mode: what this store means by its replies, if it differs from the table in docs/replies.md. Keys:
    `no reply`, `HTTP 409`, `HTTP 5xx`, `MSA-1 AR`, `ERR-3 207`; values: `final`, `doubtful`, `temporary`, `busy`."""
    content_type: Annotated[str, Form(r"[!-~]+/[!-~][ -~]*", "is no media type; write such as application/hl7-v2")] = (
        "x-application/hl7-v2+er7"
    )
    """Content-Type of the request."""
    acknowledged_id: Literal["whole", "first_20", "any"] = "whole"
    """What MSA-2 of the store's acknowledgement must be: the whole MSH-10 of the message; that or its first 20
    characters; or anything, for a store whose MSA-2 is known to mean nothing. An acknowledgement that names another
    message is not accepted: the message is sent again (see `max_unreadable`)."""
    accept_empty: bool = False
    """Whether a success without an HL7 acknowledgement means stored: an empty body, one word such as OK, or a JSON
    object in which every name and value means success. Only for an endpoint that is known to answer so."""

    @model_validator(mode="after")
    def _address_is_given_once(self) -> Self:
        if bool(self.url) == (self.url_file is not None):
            raise ValueError("give one of url and url_file")
        return self
