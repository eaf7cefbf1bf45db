"""The admin port: ``/livez``, ``/readyz`` and ``/metrics``."""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Container, Iterable, Mapping, Set
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
from aiohttp import web

from gateway.admin.access import KNOWN, Access
from gateway.admin.places import Places
from gateway.admin.report import NOT_READY, REACHABLE, report_of_process
from gateway.admin.settings import AdminSettings
from gateway.admin.spool_api import spool_routes
from gateway.contract.acts import TellAct
from gateway.contract.addresses import is_loopback
from gateway.contract.destination import Destination
from gateway.contract.listener import Listener, TlsAcceptor
from gateway.contract.listening import cannot_bind, listening_sockets
from gateway.spool.interface import Operations, SpoolError
from gateway.spool.operating.destinations import MEND, Destinations, waiting_for_nobody
from gateway.telemetry.metrics import Metrics
from gateway.tls.opening import admin_tls_acceptor

log = structlog.get_logger()

PROBE_SECONDS = 2.0
PROBE_AGAIN_AFTER = 5.0


class Readiness:
    """The readiness of the gateway: every listener is bound, none drains, and no part reports trouble.

    Destinations are reported, but a gateway is ready even if it cannot reach them.
    """

    def __init__(self, destinations: Mapping[str, Destination]) -> None:
        self._destinations = destinations
        self._listeners: dict[str, Listener] = {}
        self._state = "starting"
        self._probed_at = float("-inf")
        self._probes: dict[str, str] = {}
        self._troubles: dict[str, str] = {}

    def bound(self, listeners: Mapping[str, Listener]) -> None:
        """Record that all listeners accept connections."""
        self._listeners = dict(listeners)
        self._state = "ready"

    def draining(self) -> None:
        """Record that no new connections are accepted."""
        self._state = "draining"

    def trouble(self, part: str, what: str | None) -> None:
        """Record *what* is wrong with a part of the gateway; None when the problem is over."""
        if what is None:
            self._troubles.pop(part, None)
        else:
            self._troubles[part] = what

    @property
    def destinations(self) -> Set[str]:
        """The names of the destinations."""
        return self._destinations.keys()

    @property
    def ready(self) -> bool:
        """Whether the gateway can accept messages."""
        return self._state == "ready" and not self._troubles

    @property
    def troubles(self) -> Mapping[str, str]:
        """What is wrong, by part of the gateway."""
        return self._troubles

    @property
    def state(self) -> str:
        """The state as one word, which unauthenticated clients may know."""
        return NOT_READY if self._state == "ready" and self._troubles else self._state

    async def report(
        self, spools_set_aside: Iterable[str] = (), undelivered: Mapping[str, object] | None = None
    ) -> dict[str, object]:
        """Return the body of ``/readyz``; destinations are probed at most every PROBE_AGAIN_AFTER seconds."""
        if time.monotonic() - self._probed_at > PROBE_AGAIN_AFTER:
            self._probed_at = time.monotonic()
            found = await asyncio.gather(*(self._probe(each) for each in self._destinations.values()))
            self._probes = dict(zip(self._destinations, found, strict=True))
        ports = {name: {"port": listener.port} for name, listener in self._listeners.items()}
        return report_of_process(self.state, ports, self._probes, self._troubles, spools_set_aside, undelivered)

    async def _probe(self, destination: Destination) -> str:
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                return await destination.probe() or REACHABLE
        except TimeoutError:
            return f"no reply within {PROBE_SECONDS:g} s"


def build_admin(
    readiness: Readiness, metrics: Metrics, spool: Operations | None = None, access: Access | None = None
) -> web.Application:
    """Return the admin application of one process; without *access*, nothing is demanded of clients."""

    async def livez(_: web.Request) -> web.Response:
        return web.json_response({"state": "alive"})

    async def readyz(request: web.Request) -> web.Response:
        report: dict[str, object] = {"state": readiness.state}
        if request[KNOWN]:
            damaged = [] if spool is None else await spool.set_aside()
            report = await readiness.report(damaged, await _undelivered(readiness, spool))
        return web.json_response(report, status=200 if readiness.ready else 503)

    async def show_metrics(request: web.Request) -> web.Response:
        if spool is not None and "counters" not in request.query:  # counters do not need the slow totals
            try:
                totals = await spool.totals()
            except SpoolError:  # leave the totals out; the other metrics are still correct
                totals = []
            undelivered = waiting_for_nobody(totals, readiness.destinations)
            metrics.spool(totals, time.time(), len(await spool.set_aside()), undelivered)
        return web.Response(body=metrics.render(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    app = web.Application(middlewares=[(access or Access()).guard()])
    app.add_routes([web.get("/livez", livez), web.get("/readyz", readyz), web.get("/metrics", show_metrics)])
    return app


async def _undelivered(readiness: Readiness, spool: Operations | None) -> dict[str, object]:
    """Return by destination how many messages are not delivered because it is not configured, and the remedy."""
    try:
        totals = [] if spool is None else await spool.totals()
    except SpoolError:  # it is logged elsewhere, and the rest of the report is needed
        totals = []
    found = waiting_for_nobody(totals, readiness.destinations)
    return {name: {"messages": count, "mend": MEND.format(name=name)} for name, count in found.items()}


def add_spool_api(
    application: web.Application,
    spool: Operations,
    destinations: Destinations,
    listeners: Collection[str],
    tell: TellAct,
    keyed: Container[str] = (),
) -> None:
    """Add the API for spooled messages. It returns payloads, so the access of the port must demand authentication.

    The identifiers of messages of the *keyed* listeners are left out: they may be built from a patient's number.
    """
    application.add_routes(spool_routes(spool, destinations, listeners, tell, keyed))


@asynccontextmanager
async def serve_admin(
    app: web.Application,
    host: str,
    port: int,
    tls_acceptor: TlsAcceptor | None = None,
    limits: AdminSettings | None = None,
) -> AsyncIterator[int]:
    """Serve *app* within *limits*, with TLS if there is an *tls_acceptor*, and yield its port.

    Raises OSError if the port cannot be bound.
    """
    places = Places(limits or AdminSettings())
    app.middlewares.insert(0, places.middleware())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    assert runner.server is not None  # noqa: S101  setup() has made it
    connect = places.before(runner.server)
    if tls_acceptor is not None:
        connect = tls_acceptor.before(connect)
    loop, servers = asyncio.get_running_loop(), list[asyncio.Server]()
    try:
        servers = [await loop.create_server(connect, sock=each) for each in await listening_sockets(host, port)]
        yield int(servers[0].sockets[0].getsockname()[1])
    finally:
        for server in servers:
            server.close()
        if tls_acceptor is not None:
            tls_acceptor.close()
        await runner.cleanup()


@asynccontextmanager
async def serving_admin(settings: AdminSettings, application: web.Application) -> AsyncIterator[int]:
    """Serve *application* at the address in *settings*, and yield its port."""
    tls_acceptor = None if settings.tls is None else admin_tls_acceptor(settings.tls)
    if tls_acceptor is None and not is_loopback(settings.host):
        log.warning("admin_not_encrypted", host=settings.host)
    async with AsyncExitStack() as stack:
        serving = serve_admin(application, settings.host, settings.port, tls_acceptor, settings)
        try:
            port = await stack.enter_async_context(serving)
        except OSError as error:
            raise cannot_bind("admin", settings.host, settings.port, error) from None
        yield port
