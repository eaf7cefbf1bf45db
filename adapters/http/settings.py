"""Settings of an HTTP listener."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from gateway.contract.addresses import is_loopback
from gateway.contract.forms import Form
from gateway.contract.settings import (
    ListenerSettings,
    Network,
    Octets,
    PeerLimits,
    PeerSettings,
    Rate,
    Seconds,
    SecretFile,
)

BasePath = Annotated[
    str,
    Form(
        r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]{1,100}){0,10}",
        'is no path; write such as /fhir, or "" for the root, without a slash at the end',
    ),
]
NO_COMMIT = (
    "cannot be `commit` at a listener that takes FHIR: the peer waits for the ID, ETag and Location that only the store"
    " can give; leave it out, or set it to `relay`"
)
NO_PROOF = (
    "other machines can reach it, and it demands no proof of identity; add token_files, or tls with"
    " `client_auth: required`, or change host to 127.0.0.1"
)


class HttpPeerLimits(PeerLimits):
    """Settings of an HTTP listener that may differ between its peers."""

    messages_per_second: Rate | None = Field(default=None, gt=0)
    """Sustained requests per second per IP address; a burst of one second's worth is allowed. A request above it is
    answered with 429 and `Retry-After`. By default there is no limit."""
    idle_seconds: Seconds = Field(default=75, gt=0)
    """Close a connection that has been without a request for this time."""
    head_seconds: Seconds = Field(default=10, gt=0)
    """Answer with 408 and close a connection if the head of a request has not arrived this long after its first
    octet."""
    max_body: Octets = Field(default=64 * 1024 * 1024, ge=1)
    """Largest body of a request in octets. A larger one is answered with 413 as soon as its size is known."""


class HttpPeerSettings(PeerSettings, HttpPeerLimits):
    """Settings that differ for some of the peers of an HTTP listener."""

    networks: tuple[Network, ...] = Field(min_length=1)
    """Networks (CIDR) of these peers."""


class HttpListenerSettings(HttpPeerLimits, ListenerSettings):
    """A listener that takes FHIR over HTTP and answers with the store's own response."""

    kind: Literal["http"]
    """HTTP/1.1. A request is delivered while the peer waits, and the peer gets the store's own status, ETag, Location
    and body (docs/fhir-listener.md)."""
    accepts: Literal["fhir"]
    """What it takes: `fhir` is create, update, patch and delete of FHIR resources, also conditional, and bundles of
    type transaction and batch, all in JSON."""
    base_path: BasePath = "/fhir"
    """The path of the base address of FHIR, below which are the types: with `/fhir` a patient is posted to
    `/fhir/Patient`."""
    token_files: dict[str, SecretFile] = Field(default_factory=dict)
    """Files that each hold a bearer token of at least 16 characters, by a name for who has it; read again when they
    change. A request must have one of these tokens. With ``client_auth: optional`` a client certificate can replace the
    token; with ``required`` both are demanded. If other machines can reach the listener, there must be tokens or
    required certificates."""
    peers: dict[str, HttpPeerSettings] = Field(default_factory=dict)
    """Settings that differ for some peers, by a name for these peers; of several that match, the first counts."""

    @field_validator("acknowledge")
    @classmethod
    def _relays(cls, acknowledge: str) -> str:
        if acknowledge == "commit":
            raise ValueError(NO_COMMIT)
        return acknowledge

    @model_validator(mode="after")
    def _demands_a_proof(self) -> Self:
        by_certificate = self.tls is not None and self.tls.client_auth == "required"
        if not (self.token_files or by_certificate or is_loopback(self.host)):
            raise ValueError(NO_PROOF)
        return self
