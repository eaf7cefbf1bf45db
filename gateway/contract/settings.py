"""The common ground of all settings: frozen, strict about unknown keys, each unit in the key's name."""

from collections.abc import Iterable
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
"""Up to ten years: more is a slip, and some timers of the system do not take it."""
Octets = Annotated[int, Field(le=2**50)]
"""Up to a pebibyte."""
Count = Annotated[int, Field(le=10**7)]
"""How many of something; more than any system has."""
Rate = Annotated[float, Field(le=2**50)]
"""So many, or so many octets, in one second."""
KEPT = 10
"""Of a listener's places, one in so many is kept beside the others for addresses that have delivered before."""
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(read_network)]
Host = Annotated[str, StringConstraints(min_length=1), AfterValidator(read_host)]
"""Address or name of a machine."""


class Settings(BaseModel):
    """Base of every group of settings. An unknown key is an error, a value never changes."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Have numbers and truth values taken as they are written."""
        schema: CoreSchema = as_written(handler(source))
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
    """Hilum's certificate and those between it and its CA, in PEM."""
    key_file: SecretFile
    """The certificate's private key, in PEM, not encrypted."""
    client_ca_file: File | None = None
    """The CA certificates of which one must have issued a peer's certificate, in PEM."""
    client_auth: Literal["none", "optional", "required"] = "none"
    """Whether a peer is asked for a certificate, and whether one that shows none is turned away."""
    client_names: tuple[CertificateName, ...] | None = None
    """Names of which the peer's certificate must have one; by default every certificate will do. A bare name is a DNS
    name, in upper or lower case, and its leftmost label may be `*`, which stands for one whole label:
    `*.ward.example`. It is looked for among the certificate's alternative names, and is the subject's common name only
    where there are none. Other names are written with their kind and compared as a whole: `email:ct@ward.example`,
    `uri:urn:ct:1`, `ip:10.1.2.3` or a network such as `ip:10.1.2.0/24`, `cn:CT 1` (the common name, beside
    alternative names too; its case counts)."""
    handshake_seconds: Seconds = Field(default=10, gt=0)
    """Drop a peer whose handshake is not finished after so long."""
    max_handshakes: Count = Field(default=500, ge=1)
    """Handshakes under way at once; one more is turned away."""

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
    """The CA certificates of which one must have issued the server's certificate, in PEM; by default the system's."""
    certificate_file: File | None = None
    """The certificate that Hilum shows to the server, and those between it and its CA, in PEM."""
    key_file: SecretFile | None = None
    """The certificate's private key, in PEM, not encrypted."""

    @model_validator(mode="after")
    def _certificate_has_a_key(self) -> Self:
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("certificate_file and key_file belong together; add the other one")
        return self


class PeerLimits(Settings):
    """What a listener allows each of its peers. An entry of ``peers`` may have values of its own."""

    max_connections_per_peer: Count = Field(default=100, ge=1)
    """Connections at once from one IP address; those of IPv6 count together by their /64 until they have delivered."""
    messages_per_second: Rate | None = Field(default=None, gt=0)
    """Messages a second from one IP address, after as many as come in one second; a peer that sends more is not read
    until it is due again. A DICOM association and a C-ECHO count as one each. By default any number."""
    idle_seconds: Seconds = Field(default=86400, gt=0)
    """Close a connection on which nothing has happened for so long."""
    message_seconds: Seconds = Field(default=60, gt=0)
    """Close a connection that stalls inside a message for so long."""
    min_bytes_per_second: Rate = Field(default=1024, ge=0)
    """Close a connection whose message comes in more slowly than this, once it has taken ``message_seconds``. The time
    for which Hilum does not read does not count. 0 allows any slowness."""
    write_seconds: Seconds = Field(default=30, gt=0)
    """Drop a peer that does not read its answers for so long."""

    def patience(self, octets: int) -> float:
        """Return how many seconds a message may take of which *octets* have come."""
        rate = self.min_bytes_per_second
        return self.message_seconds + octets / rate if rate else float("inf")


class PeerSettings(Settings):
    """Some of a listener's peers, and what is different for them.

    Of the keys that it shares with the listener, those that are given replace the listener's.
    """

    networks: tuple[Network, ...] = ()
    """Networks (CIDR) of these peers."""
    max_connections: Count | None = Field(default=None, ge=1)
    """Connections of all these peers at once; by default as many as the listener has."""

    WHO: ClassVar[frozenset[str]] = frozenset({"networks", "max_connections"})
    """Keys that are not the listener's."""

    def replaced(self) -> dict[str, Any]:
        """Return what replaces the settings of the listener."""
        return {name: getattr(self, name) for name in self.model_fields_set - self.WHO}


class ListenerSettings(PeerLimits):
    """What every listener has."""

    host: Host = "127.0.0.1"
    """Address to bind. `0.0.0.0` is every address of IPv4, `::` every address of IPv6 and of IPv4."""
    port: int = Field(ge=0, le=65535)
    """TCP port to bind; 0 takes a free one."""
    tls: ServerTlsSettings | None = None
    """Encryption and the peers' certificates; without it peers speak in the clear, and nothing proves who they are."""
    acknowledge: Literal["relay", "commit"] = "relay"
    """Answer when the destination has answered, or when the message is durable here."""
    max_connections: Count = Field(default=1000, ge=1)
    """Peers at once. One more gets the place of a silent one, or is turned away; beside these, a tenth more is kept for
    addresses that have delivered before."""
    allow_networks: tuple[Network, ...] | None = None
    """Networks (CIDR) whose addresses may connect; by default any. Any other connection is closed at once."""
    spread: Literal["peer", "connection"] | None = None
    """With ``workers`` above 1: `peer` gives all connections of one IP address to the same worker, so that limits of a
    peer hold over its reconnects, and what it sends twice at once is recognised; `connection` gives each to any worker,
    which is for peers that share one address (a proxy, an integration engine). By default `peer` in commit mode, else
    `connection`."""
    duplicate_window: Seconds = Field(default=3600, ge=0)
    """In commit mode: seconds for which a message that is sent again is recognised, answered as before and not
    delivered again to the destinations that have it; while it waits it is recognised for longer. It is recognised if
    it is the last one of its SOP Instance UID, or of its sender and control ID, and has the same content. What was
    parked or discarded is delivered when it is sent again. 0 recognises none."""

    @model_validator(mode="after")
    def _names_are_demanded(self) -> Self:
        if self.tls is not None and self.tls.client_names is not None and self.tls.client_auth != "required":
            raise ValueError("tls.client_names keeps out nobody who shows no certificate; add `client_auth: required`")
        return self

    @property
    def spread_by(self) -> Literal["peer", "connection"]:
        """How connections are spread over workers."""
        return self.spread or ("peer" if self.acknowledge == "commit" else "connection")

    @property
    def most_descriptors(self) -> int:
        """File descriptors that its peers take when all places are taken, those that are kept among them."""
        handshakes = 0 if self.tls is None else self.tls.max_handshakes
        return handshakes + self.max_connections + self.max_connections // KEPT

    def allows(self, address: str) -> bool:
        """Whether *address* may connect."""
        return self.allow_networks is None or is_within(address, self.allow_networks)

    def most_per_peer(self, peers: Iterable[PeerSettings]) -> int:
        """Return the most connections that one IP address may have, by the listener or any of its *peers*."""
        return max(
            self.max_connections_per_peer, *(self.replaced_by(each).max_connections_per_peer for each in peers), 0
        )

    def replaced_by(self, peer: PeerSettings) -> Self:
        """Return the settings that hold for *peer*."""
        return self.model_copy(update=peer.replaced())


def is_within(address: str, networks: Iterable[Network]) -> bool:
    """Whether the IP *address* lies in one of *networks*; one that is no IP address lies in none."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:  # an IPv4 peer at a socket for both
        ip = ip.ipv4_mapped
    return any(ip in network for network in networks)


class DestinationSettings(Settings):
    """What every destination over HTTP has."""

    url: str
    """Address of the store."""
    connections: Count = Field(default=64, ge=1)
    """Connections to the store at once."""
    connect_seconds: Seconds = Field(default=5, gt=0)
    """Longest wait for a connection."""
    read_seconds: Seconds = Field(default=60, gt=0)
    """Longest silence of the store while its reply is awaited."""
    concurrency: Count = Field(default=16, ge=1)
    """In commit mode: requests under way at once."""
    max_attempts: Count | None = Field(default=None, ge=1)
    """In commit mode: tries before a message is parked, whatever the replies are; by default only they decide."""
    max_age: Seconds | None = Field(default=None, gt=0)
    """In commit mode: seconds since its receipt after which a message that still fails is parked; by default never."""
    max_unreadable: Count = Field(default=5, ge=1)
    """In commit mode: replies that leave it doubtful what became of a message (docs/replies.md), before it is parked as
    one that may be stored; `1` sends it once."""
    max_own_failures: Count | None = Field(default=20, ge=2)
    """In commit mode: equal replies to one message, between each two of which the destination takes others, before the
    message is parked with that reply's reason; with the pauses between them 20 take about ten minutes. `null` goes on
    for ever. A missing connection and the statuses 425, 429 and 503 do not count."""
    on_refused: Literal["park_key", "skip"] = "skip"
    """In commit mode: whether messages with the same ordering key wait behind a parked one, or pass it."""
