"""Sends audit messages to a repository: over TLS or TCP with counted octets, or one datagram each over UDP.

A syslog receiver answers nothing, so what the kernel has taken counts as sent. A stream whose other side has closed is
noticed before the next message is written to it, and opened anew.
"""

import select
import socket
import ssl
from collections.abc import Callable, Sequence

from gateway.audit.message import AuditMessage
from gateway.audit.settings import SyslogSettings
from gateway.audit.syslog_format import MOST_OCTETS_IN_DATAGRAM, Sender, count_octets
from gateway.settings import ClientTlsSettings
from gateway.tls.opening import client_contexts


class DatagramSyslog:
    """RFC 5426."""

    name = "syslog"

    def __init__(self, settings: SyslogSettings, sender: Sender) -> None:
        self._settings = settings
        self._sender = sender
        self._socket: socket.socket | None = None

    def write(self, messages: Sequence[AuditMessage]) -> int:
        """Send each in a datagram; one that does not fit counts as too large."""
        if self._socket is None:
            self._socket = self._open()
        datagrams = [self._sender.syslog(message) for message in messages]
        fitting = [each for each in datagrams if len(each) <= MOST_OCTETS_IN_DATAGRAM]
        for datagram in fitting:
            self._socket.send(datagram)
        return len(datagrams) - len(fitting)

    def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _open(self) -> socket.socket:
        host, port = self._settings.address
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        opened = socket.socket(family, kind, protocol)
        try:
            opened.settimeout(self._settings.timeout_seconds)
            opened.connect(address)
        except BaseException:
            opened.close()
            raise
        return opened


class StreamSyslog:
    """RFC 5425 where there is a *context* for TLS, and the same framing over plain TCP."""

    name = "syslog"

    def __init__(
        self, settings: SyslogSettings, sender: Sender, context: Callable[[], ssl.SSLContext] | None = None
    ) -> None:
        self._settings = settings
        self._sender = sender
        self._context = context
        self._socket: socket.socket | None = None

    def write(self, messages: Sequence[AuditMessage]) -> int:
        """Send all in order over one connection, opened where there is none."""
        if self._socket is not None and _has_ended(self._socket):
            self.close()
        if self._socket is None:
            self._socket = self._open()
        self._socket.sendall(b"".join(count_octets(self._sender.syslog(message)) for message in messages))
        return 0

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _open(self) -> socket.socket:
        host, port = self._settings.address
        plain = socket.create_connection((host, port), self._settings.timeout_seconds)
        if self._context is None:
            return plain
        try:
            # Asked for at each connection, so that renewed certificates are used without a restart
            return self._context().wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise


def _has_ended(connection: socket.socket) -> bool:
    """Tell whether the receiver has closed; it never sends anything else."""
    pending = connection.pending() if isinstance(connection, ssl.SSLSocket) else 0
    readable, _, _ = select.select([connection], [], [], 0)
    if not readable and not pending:
        return False
    timeout = connection.gettimeout()
    connection.setblocking(False)
    try:
        return not connection.recv(1)
    except (ssl.SSLWantReadError, BlockingIOError):  # a record that holds no data, such as a session ticket
        return False
    except OSError:
        return True
    finally:
        connection.settimeout(timeout)


def open_syslog(settings: SyslogSettings, sender: Sender) -> DatagramSyslog | StreamSyslog:
    """Return the sink; raises ConfigError where a file for TLS cannot be used."""
    if settings.transport == "udp":
        return DatagramSyslog(settings, sender)
    if settings.transport == "tcp":
        return StreamSyslog(settings, sender)
    files = settings.model_dump(include=set(ClientTlsSettings.model_fields))
    return StreamSyslog(settings, sender, client_contexts("audit.syslog", ClientTlsSettings(**files)))
