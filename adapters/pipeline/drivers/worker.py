"""A process that works on tasks: it takes them from a pipe, one at a time, until its end.

It ends with the process that has started it, also if that one was killed: then its pipe ends. What decoders print goes
nowhere: they quote values, and their text would stand in the log of whoever has started the run.
"""

import asyncio
import os
import signal
from multiprocessing.connection import Connection

from adapters.pipeline.work import Task, Work, opened
from adapters.tables.dicom.quiet import quiet

READY = "ready"
"""What a worker sends first: the time of its start is not that of an object."""


def run_worker(connection: Connection, work: Work) -> None:
    """Work on what comes through the pipe, and send what became of it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other process ends this one
    silence()
    try:
        asyncio.run(_run(connection, work))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def silence() -> None:
    """Send what this process and the libraries in it print to nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


async def _run(connection: Connection, work: Work) -> None:
    with quiet():
        async with opened(work) as process:
            connection.send(READY)
            while True:
                task: Task | None = connection.recv()  # nothing else runs in this loop
                if task is None:
                    return
                connection.send(await process(task))
