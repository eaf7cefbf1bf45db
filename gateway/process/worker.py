"""One of several processes that share the listeners' ports; the supervisor starts it and asks it for its metrics."""

import asyncio
from contextlib import suppress
from multiprocessing.connection import Connection

from gateway import app
from gateway.config.loading import Config
from gateway.contract.errors import ConfigError
from gateway.process.hardening import harden_process
from gateway.process.heartbeat import beat
from gateway.process.loop import outlive_hangup, run_loop, stop_on_signals, tell_of_hangups
from gateway.process.memory import freeze_what_stays
from gateway.spool.inheritance import Estate, Inheritance
from gateway.telemetry import log
from gateway.telemetry.faults import report, tame_hooks
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

    As long as the loop turns, *beats* say so. Ends the process with status 0, CUT_OFF, or CANNOT_START after telling
    *supervisor* the problems. The supervisor says whose heir the worker is, and is told what became of that; when its
    end closes, it has died, and the worker stops as on SIGTERM.
    """
    outlive_hangup()
    harden_process()
    log.configure(log_format, log_level, for_good=True)
    tame_hooks()

    async def serve() -> int:
        beat(beats.fileno())
        stop = stop_on_signals()
        tell_of_hangups()
        loop = asyncio.get_running_loop()

        def hear() -> None:
            try:
                inheritance.inherit(supervisor.recv())
            except (EOFError, OSError):  # it has died
                loop.remove_reader(supervisor.fileno())
                stop.set()

        def say(what: int | Estate) -> None:
            with suppress(OSError):  # it has died meanwhile: hear() comes next
                supervisor.send(what)

        inheritance = Inheritance(tell=say)

        def started(running: app.Running) -> None:
            freeze_what_stays()
            say(running.admin_port)

        loop.add_reader(supervisor.fileno(), hear)
        return await app.run(config, stop, started, assignment, inheritance)

    try:
        cut_off = run_loop(serve())
    except ConfigError as error:
        supervisor.send(error.problems)
        raise SystemExit(CANNOT_START) from None
    except Exception as error:  # noqa: BLE001  multiprocessing would print its text
        report(error, "main")
        raise SystemExit(FAILED) from None
    raise SystemExit(CUT_OFF if cut_off else 0)
