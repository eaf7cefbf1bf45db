"""Base classes and types of all settings: frozen, strict about unknown keys, with the unit in the key's name."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    StringConstraints,
    model_validator,
)
from pydantic_core import CoreSchema

from gateway.contract.addresses import read_host, read_network
from gateway.contract.certificate_names import read_name, refuse_mapping
from gateway.contract.scalars import as_written

Seconds = Annotated[float, Field(le=3650 * 86400)]
"""Up to ten years: more is a mistake, and too much for some timers of the system."""
Octets = Annotated[int, Field(le=2**50)]
"""Up to a pebibyte."""
Count = Annotated[int, Field(le=10**7)]
"""A number of things, up to more than any system has."""
Rate = Annotated[float, Field(le=2**50)]
"""A number of messages or octets per second."""
KEPT = 10
"""For every KEPT places a listener has one more, reserved for addresses that have delivered before."""
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(read_network)]
Host = Annotated[str, StringConstraints(min_length=1), AfterValidator(read_host)]
"""Address or name of a machine."""


class Settings(BaseModel):
    """Base of every group of settings. An unknown key is an error, and values never change."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Make pydantic take numbers and truth values as they are written."""
        schema: CoreSchema = as_written(handler(source), cls)
        return schema


def _is_named(path: object) -> object:
    if path == "":
        raise ValueError("is empty; name a file or a folder")
    return path


File = Annotated[Path, BeforeValidator(_is_named), Field(json_schema_extra={"minLength": 1})]
"""A file or a folder."""
SecretFile = File
"""A file whose stripped text is the secret; it is read again when it changes."""
CertificateName = Annotated[str, BeforeValidator(refuse_mapping), AfterValidator(read_name)]
"""A name that a certificate may have; see ``gateway.contract.certificate_names``."""


class ServerTlsSettings(Settings):
    """TLS 1.2 and 1.3 on a port that Hilum serves. The files are read again when they change."""

    certificate_file: File
    """Hilum's certificate and the intermediate certificates up to its CA, in PEM."""
    key_file: SecretFile
    """The certificate's private key, in PEM, not encrypted."""
    client_ca_file: File | None = None
    """CA certificates in PEM; one of them must have issued the peer's certificate."""
    client_auth: Literal["none", "optional", "required"] = "none"
    """Whether a peer is asked for a certificate (`optional`, `required`), and rejected without one (`required`)."""
    client_names: tuple[CertificateName, ...] | None = None
    """Allowed names: the peer's certificate must have one of them; by default any certificate of the CA is accepted.
    A name without a prefix is a DNS name, in upper or lower case, and its leftmost label may be `*`, which stands for
    one whole label: `*.ward.example`. It is compared with the certificate's alternative names, or with the subject's
    common name if there are no alternative names. Other names have a prefix and are compared as a whole:
    `email:ct@ward.example`, `uri:urn:ct:1`, `ip:10.1.2.3` or a network such as `ip:10.1.2.0/24`, `cn:CT 1` (the common
    name, even if there are alternative names; case-sensitive)."""
    handshake_seconds: Seconds = Field(default=10, gt=0)
    """Drop a peer whose handshake is not finished after this time."""
    max_handshakes: Count = Field(default=500, ge=1)
    """Most handshakes in progress at once; further ones are rejected."""

    @model_validator(mode="after")
    def _peers_can_be_verified(self) -> Self:
        if self.client_auth != "none" and self.client_ca_file is None:
            raise ValueError("client_auth needs client_ca_file; add it")
        if self.client_auth == "none" and (self.client_ca_file or self.client_names is not None):
            raise ValueError("client_ca_file and client_names have no effect; add `client_auth: required`")
        return self


class ClientTlsSettings(Settings):
    """TLS 1.2 and 1.3 towards a server. The files are read again when they change."""

    ca_file: File | None = None
    """CA certificates in PEM; one of them must have issued the server's certificate. By default those of the system."""
    certificate_file: File | None = None
    """The certificate that Hilum shows to the server, and the intermediate certificates up to its CA, in PEM."""
    key_file: SecretFile | None = None
    """The certificate's private key, in PEM, not encrypted."""

    @model_validator(mode="after")
    def _certificate_has_a_key(self) -> Self:
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("certificate_file and key_file belong together; add the other one")
        return self


class PeerLimits(Settings):
    """The limits that a listener sets for each of its peers. An entry of ``peers`` may override them."""

    max_connections_per_peer: Count = Field(default=100, ge=1)
    """Most connections at once from one IP address; IPv6 addresses of one /64 count together until they have
    delivered."""
    messages_per_second: Rate | None = Field(default=None, gt=0)
    """Sustained messages per second per IP address; a burst of one second's worth is allowed. Above it Hilum pauses
    reading from the peer. A DICOM association and a C-ECHO count as one message each. By default there is no limit."""
    idle_seconds: Seconds = Field(default=86400, gt=0)
    """Close a connection that has been idle for this time."""
    message_seconds: Seconds = Field(default=60, gt=0)
    """Close a connection that stalls inside a message for this time."""
    min_bytes_per_second: Rate = Field(default=1024, ge=0)
    """Close a connection whose message arrives more slowly than this, after the first ``message_seconds``. Time in
    which Hilum pauses reading does not count. 0 allows any rate."""
    write_seconds: Seconds = Field(default=30, gt=0)
    """Drop a peer that does not read its answers for this time."""

    def longest_seconds(self, octets: int) -> float:
        """Return how many seconds a message may take until *octets* of it have arrived."""
        rate = self.min_bytes_per_second
        return self.message_seconds + octets / rate if rate else float("inf")


class PeerSettings(Settings):
    """A group of a listener's peers, and the settings that differ for them.

    A key that the listener has, too, overrides the listener's value.
    """

    networks: tuple[Network, ...] = ()
    """Networks (CIDR) of these peers."""
    max_connections: Count | None = Field(default=None, ge=1)
    """Most connections at once of all these peers together; by default the listener's limit."""

    WHO: ClassVar[frozenset[str]] = frozenset({"networks", "max_connections"})
    """Keys that a listener does not have."""

    def replaced(self) -> dict[str, Any]:
        """Return the values that override the listener's settings."""
        return {name: getattr(self, name) for name in self.model_fields_set - self.WHO}


class SourceSettings(Settings):
    """The settings that every listener has, whether peers connect to it or it fetches messages itself."""

    acknowledge: Literal["relay", "commit"] = "relay"
    """When to answer the peer: when the destination has answered (`relay`), or when the message is durable in the
    spool (`commit`)."""
    duplicate_window: Seconds = Field(default=3600, ge=0)
    """In commit mode: seconds in which a message that is sent again is recognised as a duplicate: it is answered as
    before and not delivered again to destinations that have it. A message that still waits for delivery is recognised
    for longer. A duplicate has the same content as the last message with its SOP Instance UID, or with its sender and
    control ID. A message that was parked or discarded is delivered when it is sent again. 0 turns this off."""

    identifiers: Literal["clear", "keyed"] = "clear"
    """How journal and log keep control IDs and SOP Instance UIDs: as they are (`clear`), or as a digest with a key of
    this gateway (`keyed`), by which a whole ID is still found: for senders that build control IDs from a patient's
    number."""

    @property
    def reads(self) -> str | None:
        """The address of the store that it reads from, if it fetches messages itself."""
        return None

    @property
    def most_descriptors(self) -> int:
        """Most file descriptors that it can need."""
        return 0


class ListenerSettings(SourceSettings, PeerLimits):
    """The settings of a listener to which peers connect."""

    host: Host = "127.0.0.1"
    """Address to bind. `0.0.0.0` is every IPv4 address, `::` every IPv6 and IPv4 address."""
    port: int = Field(ge=0, le=65535)
    """TCP port to bind; 0 takes a free one."""
    tls: ServerTlsSettings | None = None
    """TLS and the peers' certificates; without it connections are not encrypted and peers are not authenticated."""
    max_connections: Count = Field(default=1000, ge=1)
    """Most connections at once. A further one replaces a silent one, or is rejected. A tenth more is reserved for
    addresses that have delivered before."""
    allow_networks: tuple[Network, ...] | None = None
    """Networks (CIDR) whose addresses may connect; by default any address. Other connections are closed at once."""
    spread: Literal["peer", "connection"] | None = None
    """With ``workers`` above 1: `peer` gives all connections of one IP address to the same worker, so that the limits
    of a peer still apply after a reconnect, and a message that it sends twice at the same time is recognised;
    `connection` gives each connection to any worker, for peers that share one address (a proxy, an integration engine).
    By default `peer` in commit mode, otherwise `connection`."""

    @model_validator(mode="after")
    def _names_are_demanded(self) -> Self:
        if self.tls is not None and self.tls.client_names is not None and self.tls.client_auth != "required":
            raise ValueError("tls.client_names does not stop peers without a certificate; add `client_auth: required`")
        return self

    @property
    def spread_by(self) -> Literal["peer", "connection"]:
        """How connections are distributed over workers."""
        return self.spread or ("peer" if self.acknowledge == "commit" else "connection")

    @property
    def most_descriptors(self) -> int:
        """Most file descriptors that its peers can take, including those of reserved places."""
        handshakes = 0 if self.tls is None else self.tls.max_handshakes
        return handshakes + self.max_connections + self.max_connections // KEPT

    def allows(self, address: str) -> bool:
        """Whether *address* may connect."""
        return self.allow_networks is None or is_within(address, self.allow_networks)

    def most_per_peer(self, peers: Iterable[PeerSettings]) -> int:
        """Return the most connections that one IP address may have, by the settings of the listener and its *peers*."""
        return max(
            self.max_connections_per_peer, *(self.replaced_by(each).max_connections_per_peer for each in peers), 0
        )

    def replaced_by(self, peer: PeerSettings) -> Self:
        """Return the settings that apply to *peer*."""
        return self.model_copy(update=peer.replaced())


def is_within(address: str, networks: Iterable[Network]) -> bool:
    """Whether *address* is an IP address in one of *networks*."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:  # an IPv4 peer at a dual-stack socket
        ip = ip.ipv4_mapped
    return any(ip in network for network in networks)


@dataclass(frozen=True, slots=True)
class RetryLimits:
    """How often commit mode tries a message again, by what its replies make it expect (``contract/outlook.py``)."""

    max_doubtful: int = 5
    """Doubtful replies before a message is parked."""
    max_own_failures: int | None = 20
    """Equal failures, with other messages taken between each two, before a message is parked; None is no limit."""
    max_unanswered: int | None = None
    """Attempts without an answer, each of which may have stored the message, before it is parked; None is no limit."""
    unanswered_seconds: float = 0.0
    """The least time between the first and the last of them."""
    longest_pause: float = 60.0
    """The pauses between attempts double up to it."""
    doubtful_steps: int = 3
    """How many doublings the pause grows by with each doubtful reply."""
    holds_key: bool = False
    """Whether messages with the same ordering key wait behind a parked one."""


class DeliverySettings(Settings):
    """The settings that every destination has."""

    max_attempts: Count | None = Field(default=None, ge=1)
    """In commit mode: attempts before a message is parked, whatever the replies are; by default there is no limit, and
    the replies decide."""
    max_age: Seconds | None = Field(default=None, gt=0)
    """In commit mode: a message that still fails this many seconds after its receipt is parked; by default never."""
    via: tuple[str, ...] = ()
    """Names of ``steps`` that every message goes through before this destination gets it, behind those of its route:
    one of several destinations of a route can so get the messages without what names their patients."""

    contact: Annotated[str, StringConstraints(max_length=200)] = ""
    """Whom to call when the destination fails, such as `PACS on call, 4411`; shown to operators with its cases."""

    @property
    def most_at_once(self) -> int:
        """Most messages or requests in progress at once in commit mode."""
        return 16

    @property
    def most_connections(self) -> int:
        """Most connections at once."""
        return self.most_at_once

    @property
    def retry_limits(self) -> RetryLimits:
        """How often commit mode tries a message again."""
        return RetryLimits()


class DestinationSettings(DeliverySettings):
    """The settings that every HTTP destination has."""

    url: str
    """Address of the store."""
    connections: Count = Field(default=64, ge=1)
    """Most connections to the store at once."""
    connect_seconds: Seconds = Field(default=5, gt=0)
    """Longest wait for a connection."""
    read_seconds: Seconds = Field(default=60, gt=0)
    """Longest silence of the store while its reply is awaited."""
    concurrency: Count = Field(default=16, ge=1)
    """In commit mode: most requests in progress at once."""
    max_unreadable: Count = Field(default=5, ge=1)
    """In commit mode: number of doubtful replies (docs/replies.md: it is not certain whether the message is stored)
    after which a message is parked; `1` sends it once."""
    max_own_failures: Count | None = Field(default=20, ge=2)
    """In commit mode: number of equal replies to one message after which it is parked with that reply's reason. Replies
    count only if the destination accepts other messages in between; with the pauses 20 replies take about ten minutes.
    `null` means no limit. Failed connections and the statuses 425, 429 and 503 do not count."""
    on_refused: Literal["park_key", "skip"] = "skip"
    """In commit mode: whether messages with the same ordering key wait behind a parked one (`park_key`) or pass it
    (`skip`)."""

    @property
    def most_at_once(self) -> int:
        """Most requests in progress at once in commit mode."""
        return self.concurrency

    @property
    def most_connections(self) -> int:
        """Most connections at once."""
        return self.connections

    @property
    def retry_limits(self) -> RetryLimits:
        """How often commit mode tries a message again."""
        return RetryLimits(self.max_unreadable, self.max_own_failures, holds_key=self.on_refused == "park_key")
