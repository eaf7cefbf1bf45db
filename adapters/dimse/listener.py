"""A DIMSE listener: a bound port, and the connections that come in on it."""

import asyncio
import logging

from adapters.dimse.connection import Connection
from adapters.dimse.service import Service
from adapters.dimse.settings import DimseListenerSettings
from adapters.dimse.terms import TermsBook
from gateway.message import Deliver, Entrance, ListenerMeter, SharedLimits

BACKLOG = 512
"""Connections the kernel holds until we accept them; with the loop's 100, a scan makes others wait a second."""


class DimseListener:
    """A storage SCP. Stop it with :meth:`stop_accepting`, then wait for its tasks, or cancel them."""

    def __init__(self, server: asyncio.Server, service: Service, entrance: Entrance | None = None) -> None:
        self._server = server
        self._entrance = entrance
        self._service = service
        self._port = int(server.sockets[0].getsockname()[1])
        self.tasks = service.tasks
        """One per connected peer, ending when the peer is gone."""

    @property
    def port(self) -> int:
        """The bound TCP port, also when 0 was configured."""
        return self._port

    def stop_accepting(self) -> None:
        """Unbind; let idle peers go now and busy ones after the answer they wait for."""
        self._server.close()
        if self._entrance is not None:
            self._entrance.close()
        self._service.is_draining = True
        for connection in tuple(self._service.connections):
            connection.drain()


async def bind(
    name: str,
    settings: DimseListenerSettings,
    deliver: Deliver,
    meter: ListenerMeter,
    *,
    reuse_port: bool = False,
    entrance: Entrance | None = None,
    limits: SharedLimits | None = None,
) -> DimseListener:
    """Listen as *settings* say; peers come in through *entrance*, each instance of theirs is a call of *deliver*.

    Raises OSError when the address cannot be bound. *reuse_port* lets several processes share the port. *limits*
    are shared with other listeners; without them there is no limit of that kind.
    """
    hush_pynetdicom()
    service = Service(name, settings, TermsBook(settings, limits), deliver, meter, limits)

    def connect() -> Connection:
        return Connection(service)

    server = await asyncio.get_running_loop().create_server(
        entrance.before(connect) if entrance else connect,
        settings.host,
        settings.port,
        backlog=BACKLOG,
        reuse_port=reuse_port or None,
    )
    return DimseListener(server, service, entrance)


def hush_pynetdicom() -> None:
    """Keep pynetdicom from logging: it quotes what peers sent, identifiers and data set values among it."""
    logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)
