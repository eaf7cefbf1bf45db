"""Sends audit messages to a syslog repository: over TLS or TCP with octet counting, or as UDP datagrams.

A syslog receiver sends no acknowledgement, so a message counts as sent once the kernel has taken it. A stream that the
receiver has closed is detected before the next write, and opened again. An event that is too large for a message is
split or shortened, so that neither the network nor the receiver drops or truncates it.
"""

import errno
import select
import socket
import ssl
from collections.abc import Callable, Sequence

from gateway.audit.fitting import fit, was_shortened
from gateway.audit.interface import Taken
from gateway.audit.message import AuditMessage
from gateway.audit.settings import SyslogSettings
from gateway.audit.syslog_format import LEAST_OCTETS_IN_DATAGRAM, MOST_OCTETS_IN_DATAGRAM, Sender, count_octets
from gateway.contract.settings import ClientTlsSettings
from gateway.tls.opening import client_contexts


class DatagramSyslog:
    """Syslog over UDP (RFC 5426)."""

    name = "syslog"

    def __init__(self, settings: SyslogSettings, sender: Sender) -> None:
        self._settings = settings
        self._sender = sender
        self._socket: socket.socket | None = None
        self._most = 0
        """Most octets of a datagram; lowered when the network path turns out to carry less (EMSGSIZE)."""

    def write(self, messages: Sequence[AuditMessage]) -> Taken:
        """Send each message in as many datagrams as it needs."""
        if self._socket is None:
            self._socket = self._open()
            self._most = min(self._settings.max_bytes, MOST_OCTETS_IN_DATAGRAM)
        taken = [self._send(self._socket, message, self._most) for message in messages]
        return Taken(sum(each.shortened for each in taken), sum(each.too_large for each in taken))

    def _send(self, opened: socket.socket, message: AuditMessage, most: int) -> Taken:
        taken = [self._send_one(opened, event, most) for event in fit(message, most, self._sender.size)]
        lost = any(each.too_large for each in taken)
        return Taken(not lost and any(each.shortened for each in taken), lost)

    def _send_one(self, opened: socket.socket, event: AuditMessage, most: int) -> Taken:
        datagram = self._sender.syslog(event)
        try:
            opened.send(datagram)
        except OSError as error:
            if error.errno != errno.EMSGSIZE:
                raise
            # The network path carries less than the datagram has.
            if most <= LEAST_OCTETS_IN_DATAGRAM:
                return Taken(too_large=1)
            return self._send(opened, event, max(min(most, len(datagram)) * 3 // 4, LEAST_OCTETS_IN_DATAGRAM))
        if most < self._most:
            self._most = max(most, len(datagram))
        return Taken(shortened=was_shortened(event))

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
    """Syslog over TLS (RFC 5425), or with the same framing over plain TCP if *context* is None."""

    name = "syslog"

    def __init__(
        self, settings: SyslogSettings, sender: Sender, context: Callable[[], ssl.SSLContext] | None = None
    ) -> None:
        self._settings = settings
        self._sender = sender
        self._context = context
        self._socket: socket.socket | None = None

    def write(self, messages: Sequence[AuditMessage]) -> Taken:
        """Send all messages in order over one connection; open it if there is none."""
        if self._socket is not None and _has_ended(self._socket):
            self.close()
        if self._socket is None:
            self._socket = self._open()
        fitting = [fit(each, self._settings.max_bytes, self._sender.size) for each in messages]
        events = [event for found in fitting for event in found]
        self._socket.sendall(b"".join(count_octets(self._sender.syslog(each)) for each in events))
        return Taken(shortened=sum(any(map(was_shortened, found)) for found in fitting))

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
            # The context is requested for each connection, so that renewed certificates need no restart.
            return self._context().wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise


def _has_ended(connection: socket.socket) -> bool:
    """Return whether the receiver has closed the connection; it sends no data that would have to be read."""
    pending = connection.pending() if isinstance(connection, ssl.SSLSocket) else 0
    readable, _, _ = select.select([connection], [], [], 0)
    if not readable and not pending:
        return False
    timeout = connection.gettimeout()
    connection.setblocking(False)
    try:
        return not connection.recv(1)
    except (ssl.SSLWantReadError, BlockingIOError):  # a TLS record without data, such as a session ticket
        return False
    except OSError:
        return True
    finally:
        connection.settimeout(timeout)


def open_syslog(settings: SyslogSettings, sender: Sender) -> DatagramSyslog | StreamSyslog:
    """Return the sink; raises ConfigError if a file for TLS cannot be used."""
    if settings.transport == "udp":
        return DatagramSyslog(settings, sender)
    if settings.transport == "tcp":
        return StreamSyslog(settings, sender)
    files = settings.model_dump(include=set(ClientTlsSettings.model_fields))
    return StreamSyslog(settings, sender, client_contexts("audit.syslog", ClientTlsSettings(**files)))
