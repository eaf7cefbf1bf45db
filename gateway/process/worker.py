"""One of several processes that share the listeners' ports; the supervisor starts it and asks it for its metrics."""

import asyncio
from contextlib import suppress
from multiprocessing.connection import Connection

import structlog

from gateway import app
from gateway.config.loading import Config
from gateway.contract.errors import ConfigError
from gateway.process.hardening import harden_process
from gateway.process.heartbeat import beat
from gateway.process.loop import outlive_hangup, run_loop, stop_on_signals, tell_of_hangups
from gateway.process.memory import freeze_what_stays
from gateway.spool.inheritance import Estate, Inheritance
from gateway.telemetry import log
from gateway.telemetry.faults import install_exception_hooks, report
from gateway.telemetry.log import LogFormat

CUT_OFF, CANNOT_START, FAILED = 3, 2, 1
"""Exit statuses besides 0."""


def run_worker(
    supervisor: Connection,
    beats: Connection,
    config: Config,
    log_format: LogFormat,
    log_level: str,
    assignment: app.Assignment,
) -> None:
    """Serve until SIGTERM, in a process of its own; tell *supervisor* the admin port once all listeners are bound.

    While the event loop runs, heartbeats go to *beats*. Ends the process with status 0, CUT_OFF, FAILED, or
    CANNOT_START after sending the problems to *supervisor*. The supervisor sends the numbers of the workers whose
    successor this one is, and the worker reports which spools it has adopted. When the supervisor's end of the pipe
    closes, the supervisor has died, and the worker stops as on SIGTERM.
    """
    outlive_hangup()
    harden_process()
    log.configure(log_format, log_level, for_good=True)
    structlog.contextvars.bind_contextvars(worker=assignment.number)  # added to each log line of this process
    install_exception_hooks()
    try:
        cut_off = run_loop(_serve(supervisor, beats, config, assignment))
    except ConfigError as error:
        supervisor.send(error.problems)
        raise SystemExit(CANNOT_START) from None
    except Exception as error:  # noqa: BLE001  multiprocessing would print its text
        report(error, "main")
        raise SystemExit(FAILED) from None
    raise SystemExit(CUT_OFF if cut_off else 0)


async def _serve(supervisor: Connection, beats: Connection, config: Config, assignment: app.Assignment) -> int:
    beat(beats.fileno())
    stop = stop_on_signals()
    tell_of_hangups()
    line = Line(supervisor, stop)

    def started(running: app.Running) -> None:
        freeze_what_stays()
        line.say(running.admin_port)

    return await app.run(config, stop, started, assignment, line.inheritance)


class Line:
    """The pipe to the supervisor, which sends whose successor this worker is; sets *stop* when the supervisor dies."""

    def __init__(self, supervisor: Connection, stop: asyncio.Event) -> None:
        self._supervisor, self._stop = supervisor, stop
        self.inheritance = Inheritance(tell=self.say)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(supervisor.fileno(), self._hear)

    def say(self, what: int | Estate) -> None:
        """Send the supervisor the admin port, or which spools were adopted."""
        with suppress(OSError):  # the supervisor has died, which `_hear` notices next
            self._supervisor.send(what)

    def _hear(self) -> None:
        try:
            self.inheritance.inherit(self._supervisor.recv())
        except (EOFError, OSError):  # the supervisor has died
            self._loop.remove_reader(self._supervisor.fileno())
            self._stop.set()
