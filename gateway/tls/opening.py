"""Makes TLS contexts and acceptors from settings; watches their files and connects their metrics."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import structlog

from gateway.contract.errors import ConfigError
from gateway.contract.limits import SharedLimits
from gateway.contract.meter import ListenerMeter, Rejection
from gateway.contract.settings import ClientTlsSettings, ListenerSettings, ServerTlsSettings
from gateway.telemetry.metrics import Metrics
from gateway.tls.acceptor import TlsAcceptor
from gateway.tls.contexts import Context, client_context, client_files, server_context, server_files
from gateway.tls.renewal import Renewed

log = structlog.get_logger()

RENEW = "put a valid certificate into the file; it is read again when it changes"


def listener_tls_acceptor(
    name: str,
    settings: ListenerSettings,
    metrics: Metrics,
    meter: ListenerMeter | None = None,
    limits: SharedLimits | None = None,
) -> TlsAcceptor | None:
    """Return the TLS acceptor of the listener *name*, None without TLS. Raises ConfigError if a file is bad.

    Rejected peers are counted by *meter*, by default that of *metrics*. *limits* are shared by all listeners.
    """
    metrics.encrypted.labels(name).set(settings.tls is not None)
    if settings.tls is None:
        return None
    contexts = _server_contexts(f"listeners.{name}.tls", settings.tls, metrics)
    for gauge in (metrics.certificate_expiry, metrics.certificate_expiry_old):
        gauge.labels(name).set_function(lambda: _epoch(contexts.current()))
    meter = meter or metrics.listener(name)
    tls_acceptor = TlsAcceptor(
        name,
        settings.tls,
        lambda: contexts.current().ssl,
        settings.most_per_peer(getattr(settings, "peers", {}).values()),
        meter.rejected,
        settings.allows,
        limits,
    )
    tls_acceptor.noticed = meter.noticed
    return tls_acceptor


def admin_tls_acceptor(settings: ServerTlsSettings) -> TlsAcceptor:
    """Return the TLS acceptor of the admin port. Raises ConfigError if a file is bad.

    A required client certificate is checked for each request, not in the handshake, because probes send none.
    """
    if settings.client_auth == "required":
        settings = settings.model_copy(update={"client_auth": "optional"})
    contexts = _server_contexts("admin.tls", settings, None)
    return TlsAcceptor("admin", settings, lambda: contexts.current().ssl, settings.max_handshakes, _count_nothing)


def store_contexts(
    place: str, settings: ClientTlsSettings | None, metrics: Metrics | None
) -> Callable[[], ssl.SSLContext]:
    """Return a function that gives the TLS context for a connection to a store. Raises ConfigError if a file is bad."""
    if settings is None:
        return cache(
            lambda: _http_context(place, None).ssl
        )  # made when it is needed: reading the system's CAs takes time
    return _client_contexts(place, settings, _http_context, metrics)


def client_contexts(
    place: str, settings: ClientTlsSettings, metrics: Metrics | None = None
) -> Callable[[], ssl.SSLContext]:
    """Like :func:`store_contexts`, for a server that does not speak HTTP: without ALPN."""
    return _client_contexts(place, settings, client_context, metrics)


def _http_context(place: str, settings: ClientTlsSettings | None) -> Context:
    context = client_context(place, settings)
    context.ssl.set_alpn_protocols(["http/1.1"])
    return context


def _client_contexts(
    place: str,
    settings: ClientTlsSettings,
    build: Callable[[str, ClientTlsSettings | None], Context],
    metrics: Metrics | None,
) -> Callable[[], ssl.SSLContext]:
    def context() -> Context:
        return _told_when_expired(build(place, settings), place, settings.certificate_file)

    contexts = Renewed(client_files(settings), context, _teller(place, metrics))
    return lambda: contexts.current().ssl


def _server_contexts(place: str, settings: ServerTlsSettings, metrics: Metrics | None) -> Renewed[Context]:
    def context() -> Context:
        return _told_when_expired(server_context(place, settings), place, settings.certificate_file)

    return Renewed(server_files(settings), context, _teller(place, metrics))


def _told_when_expired(context: Context, place: str, path: Path | None) -> Context:
    """Return *context*; say so where our own certificate has expired. It may be renewed while the gateway runs."""
    if context.expires is not None and context.expires <= datetime.now(UTC):
        expired_at = context.expires.isoformat().replace("+00:00", "Z")
        log.error("certificate_expired", place=place, path=str(path), expired_at=expired_at, mend=RENEW)
    return context


def _teller(place: str, metrics: Metrics | None) -> Callable[[ConfigError | None], None]:
    """Return a function that logs and counts a reload of the files; its error says which file is bad and why."""
    failures = None if metrics is None else metrics.tls_failures.labels(place)

    def tell(error: ConfigError | None) -> None:
        if error is None:
            log.info("tls_files_reloaded", place=place)
            return
        log.error("tls_files_not_reloaded", place=place, reason=str(error))
        if failures is not None:
            failures.inc()

    return tell


def _epoch(context: Context) -> float:
    return context.expires.timestamp() if context.expires else 0.0


def _count_nothing(_: Rejection, _peer_ip: str) -> None:
    """Do not count rejected callers of the admin port: the metric is about listeners."""
