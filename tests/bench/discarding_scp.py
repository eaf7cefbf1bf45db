"""Hilum's own DIMSE listener with a destination that reads each instance to its end and discards it."""

import argparse
import asyncio
import logging

import structlog

from adapters.dimse.listener import bind
from adapters.dimse.settings import DimseListenerSettings
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Stored
from gateway.process.loop import run_loop
from gateway.telemetry.metrics import Metrics


async def discard(message: Message) -> Outcome:
    """Take all of *message*."""
    async for _ in message.body.chunks():
        pass
    return Stored()


async def serve(port: int, max_pdu: int) -> None:
    """Serve on *port* until the process is ended."""
    settings = DimseListenerSettings(port=port, max_pdu=max_pdu, max_connections=200, max_connections_per_peer=200)
    await bind("in", settings, discard, Metrics().listener("in"))
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--max-pdu", type=int, default=131072)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    run_loop(serve(options.port, options.max_pdu))
