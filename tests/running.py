"""A whole gateway in the test's own loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway import app
from gateway.config import loading as config


@asynccontextmanager
async def running_gateway(text: str) -> AsyncIterator[app.Running]:
    """Run the gateway that the YAML *text* describes; yield its addresses; drain it at the end."""
    stop = asyncio.Event()
    started: asyncio.Future[app.Running] = asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as group:
        group.create_task(app.run(config.parse(text), stop, started.set_result))
        try:
            yield await started
        finally:
            stop.set()


def relay(listener: str, destination: str, *, within: float = 60, attempts: int = 3) -> str:
    """Return a configuration of one listener (flow YAML), one destination and the route between them.

    A destination may take a minute: on a busy machine a real store needs longer than the usual ten seconds.
    """
    return f"""
listeners: {{in: {{{listener}}}}}
destinations: {{out: {{{destination}}}}}
routes: [{{from: in, to: out, within: {within}, attempts: {attempts}}}]
admin: {{port: 0}}
drain_seconds: 5
"""
