"""Binds the port of an MLLP listener and lets its connections go when it stops."""

import asyncio

from adapters.mllp.admission import Admission
from adapters.mllp.connection import Connection
from adapters.mllp.exchange import Exchange, id_source
from adapters.mllp.service import Service
from adapters.mllp.settings import MllpListenerSettings
from adapters.mllp.terms import TermsBook
from gateway.message import Deliver, Entrance, ListenerMeter, SharedLimits

BACKLOG = 512
"""Connections the kernel holds until we accept them: after a restart every peer comes back at once."""


class MllpListener:
    """A bound listener; see ``gateway.message.Listener``."""

    def __init__(self, service: Service, server: asyncio.Server, entrance: Entrance | None = None) -> None:
        self._service = service
        self._server = server
        self._entrance = entrance
        self._port: int = server.sockets[0].getsockname()[1]
        self.tasks = service.tasks
        """One per connected peer; cancelling it cuts the peer off."""

    @property
    def name(self) -> str:
        """Its key in the configuration."""
        return self._service.name

    @property
    def port(self) -> int:
        """The bound TCP port, also when 0 was configured."""
        return self._port

    def stop_accepting(self) -> None:
        """Unbind; let idle peers go now and busy ones after the answer they wait for."""
        self._service.stopping = True
        self._server.close()
        if self._entrance is not None:
            self._entrance.close()
        for connection in tuple(self._service.connections):
            connection.drain()


async def bind(
    name: str,
    settings: MllpListenerSettings,
    deliver: Deliver,
    meter: ListenerMeter,
    *,
    reuse_port: bool = False,
    entrance: Entrance | None = None,
    limits: SharedLimits | None = None,
) -> MllpListener:
    """Listen as *settings* say and have each message delivered by *deliver*; peers come in through *entrance*.

    *limits* are shared with other listeners; without them there is no limit of that kind. Raises OSError where the
    address cannot be bound. It ends with ``stop_accepting`` and its ``tasks``.
    """
    new_id = id_source()
    terms = TermsBook(settings, deliver, lambda each, send: Exchange(name, each, send, meter, new_id), limits)
    service = Service(name, settings, terms, meter, Admission(settings.max_connections), limits)

    def connect() -> Connection:
        return Connection(service)

    server = await asyncio.get_running_loop().create_server(
        entrance.before(connect) if entrance else connect,
        settings.host,
        settings.port,
        backlog=BACKLOG,
        reuse_port=reuse_port or None,
    )
    return MllpListener(service, server, entrance)
