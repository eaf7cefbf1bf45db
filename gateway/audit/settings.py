"""The settings of the audit trail."""

from typing import Literal, Self

from pydantic import Field, model_validator

from gateway.contract.settings import Count, File, Host, Octets, Seconds, SecretFile, Settings

REGISTERED_PORTS = {"tls": 6514, "tcp": 601, "udp": 514}
"""RFC 5425, RFC 3195 and RFC 5426."""


class SyslogSettings(Settings):
    """An audit record repository that takes RFC 5424 messages."""

    host: Host
    """Host name or address of the repository; with TLS its certificate must be valid for it."""
    transport: Literal["tls", "tcp", "udp"] = "tls"
    """TLS (RFC 5425), the same framing over plain TCP, or one datagram per message (RFC 5426). `tcp` and `udp` are not
    encrypted: patient identifiers can be read on the network."""
    port: int | None = Field(default=None, ge=1, le=65535)
    """Port of the repository; by default 6514 for `tls`, 601 for `tcp`, 514 for `udp`."""
    ca_file: File | None = None
    """CA certificates that may have issued the certificate of the repository; by default those of the system."""
    certificate_file: File | None = None
    """The certificate chain of the gateway, if the repository requires a client certificate."""
    key_file: SecretFile | None = None
    """The private key of that certificate."""
    timeout_seconds: Seconds = Field(default=5, gt=0)
    """Longest wait for a connection, and for the repository to take a message."""
    max_bytes: int = Field(default=32_768, ge=2048, le=1024 * 1024)
    """Largest message in octets; a larger event is sent as several, or with its longest texts shortened and marked.
    The default is what DICOM requires of a repository (PS3.15 A.6). RFC 5424 requires only 2048 of a receiver; rsyslog
    cuts at 8192 unless its `maxMessageSize` is set. Over `udp` a datagram holds 65507 at most."""

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the repository."""
        return self.host, self.port or REGISTERED_PORTS[self.transport]

    @model_validator(mode="after")
    def _tls_only_where_it_is_used(self) -> Self:
        if self.transport != "tls" and (self.ca_file or self.certificate_file or self.key_file):
            raise ValueError("has files for TLS, but its transport is not tls; remove them or set transport: tls")
        if bool(self.certificate_file) != bool(self.key_file):
            raise ValueError("needs certificate_file and key_file together; add the other or remove both")
        return self


class AuditSettings(Settings):
    """The audit trail: DICOM audit messages about both protocols."""

    file: File | None = None
    """A file to which each event is appended as one line of JSON. Only its owner can read it. If it was renamed or
    removed, a new one is made."""
    syslog: SyslogSettings | None = None
    """An audit record repository."""
    source_id: str | None = Field(default=None, min_length=1)
    """The name of this gateway in its events (AuditSourceID); by default the host name."""
    enterprise_site_id: str | None = Field(default=None, min_length=1)
    """The site of this gateway (AuditEnterpriseSiteID)."""
    patient_identifiers: bool = True
    """Whether events contain the patient (`PID-3` and `PID-5`, or Patient ID and Patient's Name) and the study. If
    not, both are `<none>`."""
    gather_seconds: Seconds = Field(default=5, ge=0)
    """Instances of one study over one association become one event when no further instance has arrived for this time;
    0 makes one event of each."""
    queue: Count = Field(default=10_000, ge=1)
    """Events kept for a sink that is down or slow; further events are dropped and counted."""
    queue_bytes: Octets = Field(default=64 * 1024 * 1024, ge=1024 * 1024)
    """Octets of memory that these events may take; further events are dropped and counted."""

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        if self.file is None and self.syslog is None:
            raise ValueError("has neither file nor syslog; add one of them, or remove audit")
        return self
