"""A process that de-identifies units: it takes them from a pipe, one at a time, until its end.

It ends with the process that has started it, also if that one was killed: then its pipe ends.
"""

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from gateway.cli.deidentifying.results import Result
from gateway.cli.deidentifying.transforming import Transforming
from gateway.cli.deidentifying.units import Unit
from gateway.config.models import AnyStep
from gateway.contract.domains import DomainSettings
from gateway.contract.errors import ConfigError
from gateway.contract.release import Release
from gateway.flow.steps import open_steps
from gateway.kinds import KINDS
from gateway.process.loop import run_loop
from gateway.process.memory import freeze_what_stays
from gateway.telemetry import log
from gateway.telemetry.faults import install_exception_hooks
from gateway.telemetry.log import LogFormat


@dataclass(frozen=True, slots=True)
class Work:
    """What every worker is told at its start."""

    step: str
    settings: AnyStep
    domains: Mapping[str, DomainSettings]
    out: Path
    log_format: LogFormat | None = None
    """The format of log lines; None to leave logging as it is."""
    log_level: str = "info"


def release_of(work: Work) -> Release:
    """Return what a report says of the step; raises ConfigError."""
    release = KINDS.steps[work.settings.kind].release
    if release is None:
        raise ConfigError(f"--step: {work.step}: is no step that de-identifies; name one of kind deidentify")
    try:
        return release(work.settings, work.domains)
    except ValueError as error:
        raise ConfigError(f"steps.{work.step}.{error}") from None


def run_worker(connection: Connection, work: Work) -> None:
    """De-identify what comes through the pipe, and send what became of it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other process ends this one
    if work.log_format is not None:  # else warnings of libraries, which quote values, would be printed
        log.configure(work.log_format, work.log_level, for_good=True)
        install_exception_hooks()
    try:
        run_loop(_run(connection, work))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except ConfigError as error:  # a file has changed since the other process has read it
        connection.send(Result("stopped", problem=str(error)))


async def _run(connection: Connection, work: Work) -> None:
    async with open_steps({work.step: work.settings}, domains=work.domains) as steps:
        transform = Transforming(work.step, steps[work.step], work.out, release_of(work).name_of)
        freeze_what_stays()
        while True:
            unit: Unit | None = connection.recv()  # nothing else runs in this loop
            if unit is None:
                return
            connection.send(await transform(unit))
