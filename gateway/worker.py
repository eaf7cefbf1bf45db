"""One of several processes that share the listeners' ports; the supervisor starts it and asks it for its metrics."""

import asyncio
from contextlib import suppress
from multiprocessing.connection import Connection

from gateway import app, log
from gateway.config import Config
from gateway.errors import ConfigError
from gateway.faults import report, tame_hooks
from gateway.hardening import harden_process
from gateway.heartbeat import beat
from gateway.log import LogFormat
from gateway.loop import outlive_hangup, run_loop, stop_on_signals, tell_of_hangups
from gateway.memory import freeze_what_stays

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
    *supervisor* the problems. The supervisor never says anything: when its end closes, it has died, and the worker
    stops as on SIGTERM.
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

        def orphaned() -> None:
            loop.remove_reader(supervisor.fileno())
            stop.set()

        def started(running: app.Running) -> None:
            freeze_what_stays()
            with suppress(BrokenPipeError):  # it has died meanwhile: orphaned() comes next
                supervisor.send(running.admin_port)

        loop.add_reader(supervisor.fileno(), orphaned)
        return await app.run(config, stop, started, assignment)

    try:
        cut_off = run_loop(serve())
    except ConfigError as error:
        supervisor.send(error.problems)
        raise SystemExit(CANNOT_START) from None
    except Exception as error:  # noqa: BLE001  multiprocessing would print its text
        report(error, "main")
        raise SystemExit(FAILED) from None
    raise SystemExit(CUT_OFF if cut_off else 0)
