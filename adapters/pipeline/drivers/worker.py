"""A process that works on tasks: it takes them from a pipe, one at a time, until its end.

It ends with the process that has started it, also if that one was killed: then its pipe ends. What decoders print goes
nowhere: they quote values, and their text would stand in the log of whoever has started the run.
"""

import asyncio
from multiprocessing.connection import Connection

from adapters.isolation.child import READY, prepare
from adapters.pipeline.work import Task, Work, opened
from adapters.tables.dicom.quiet import quiet


def run_worker(connection: Connection, work: Work) -> None:
    """Work on what comes through the pipe, and send what became of it."""
    prepare()
    try:
        asyncio.run(_run(connection, work))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


async def _run(connection: Connection, work: Work) -> None:
    with quiet():
        async with opened(work) as process:
            connection.send(READY)
            while True:
                task: Task | None = connection.recv()  # nothing else runs in this loop
                if task is None:
                    return
                connection.send(await process(task))
