"""The settings of the audit trail."""

from typing import Literal, Self

from pydantic import Field, model_validator

from gateway.contract.settings import Count, File, Host, Octets, Seconds, SecretFile, Settings

REGISTERED_PORTS = {"tls": 6514, "tcp": 601, "udp": 514}
"""RFC 5425, RFC 3195 and RFC 5426."""


class SyslogSettings(Settings):
    """An audit record repository that takes RFC 5424 messages."""

    host: Host
    """Its name or address; with TLS the certificate has to be for it."""
    transport: Literal["tls", "tcp", "udp"] = "tls"
    """TLS (RFC 5425), the same framing over plain TCP, or one datagram a message (RFC 5426). Patient identifiers that
    go over `tcp` or `udp` can be read on the way."""
    port: int | None = Field(default=None, ge=1, le=65535)
    """Its port; by default 6514 for `tls`, 601 for `tcp`, 514 for `udp`."""
    ca_file: File | None = None
    """The authorities that its certificate may be from; by default the system's."""
    certificate_file: File | None = None
    """The certificate chain of the gateway, where the repository demands one."""
    key_file: SecretFile | None = None
    """The private key of that certificate."""
    timeout_seconds: Seconds = Field(default=5, gt=0)
    """Longest wait for a connection, and for the repository to take a message."""
    max_bytes: int = Field(default=32_768, ge=2048, le=1024 * 1024)
    """Longest message in octets; an event that needs more is sent as several, or with its longest texts shortened and
    marked. The default is what DICOM demands of a repository (PS3.15 A.6). RFC 5424 demands no more than 2048; rsyslog
    cuts at 8192 unless its `maxMessageSize` is set. Over `udp` a datagram holds 65507 at most."""

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
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
    """A file that each event is appended to as one line of JSON. It is made for the owner alone, and opened anew when
    it was renamed or removed."""
    syslog: SyslogSettings | None = None
    """An audit record repository."""
    source_id: str | None = Field(default=None, min_length=1)
    """The name under which this gateway reports; by default the machine's."""
    enterprise_site_id: str | None = Field(default=None, min_length=1)
    """The site that this gateway belongs to."""
    patient_identifiers: bool = True
    """Whether events name the patient: `PID-3` and `PID-5`, or Patient ID and Patient's Name, and the study. Without,
    the patient is `<none>`."""
    gather_seconds: Seconds = Field(default=5, ge=0)
    """Instances of one study over one association become one event once none has followed for so long; 0 reports each
    on its own."""
    queue: Count = Field(default=10_000, ge=1)
    """Events kept for a sink that is down or slow; more are dropped and counted."""
    queue_bytes: Octets = Field(default=64 * 1024 * 1024, ge=1024 * 1024)
    """Octets of memory that these events may take; more are dropped and counted."""

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        if self.file is None and self.syslog is None:
            raise ValueError("goes nowhere; add file or syslog, or remove audit")
        return self
