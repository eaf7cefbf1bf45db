"""``hilum deidentify CONFIG --step NAME IN OUT``: units through the pool, a record, a report."""

import json
import os
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from gateway.cli.deidentifying.bar import Bar
from gateway.cli.deidentifying.output import locked
from gateway.cli.deidentifying.pool import Pool
from gateway.cli.deidentifying.record import Record, open_record
from gateway.cli.deidentifying.report import Report
from gateway.cli.deidentifying.results import Result
from gateway.cli.deidentifying.stores import copy_store
from gateway.cli.deidentifying.units import Unit, units_of
from gateway.cli.deidentifying.worker import Work, release_of
from gateway.cli.ending import INTERRUPTED
from gateway.cli.spool_operator import say
from gateway.config.parts import SendPart, StepsPart, load_part
from gateway.contract.errors import ConfigError
from gateway.process.loop import run_loop

DONE, FAILED = 0, 1
GO_ON = "run the same command again to do the rest"
Note = Callable[[Unit, Result], None]


def deidentify(options: Namespace) -> int:
    """De-identify what is not done yet; print the report. Return 1 if something was held back or is not done."""
    try:
        report, stopped = _from_store(options) if options.stores else _from_files(options)
    except KeyboardInterrupt:
        say(f"hilum: interrupted: {GO_ON}")
        return INTERRUPTED
    _print(report, options)
    if stopped:
        say(f"hilum: stopped: {stopped}")
    return DONE if report.is_good and not stopped else FAILED


def _from_files(options: Namespace) -> tuple[Report, str]:
    source, out = Path(options.source), Path(options.out)
    work = work_of(load_part(options.config, StepsPart), options.step, out)
    work = replace(work, log_format=options.log_format, log_level=options.log_level)
    release = release_of(work)
    units = units_of(source, out)
    report = Report(release, options.step, len({each.number for each in units}))
    states = {unit: release.name_of(unit.state) for unit in units}
    with locked(out) as own, open_record(own, release, out) as record, _naming(options.names) as name:

        def note(unit: Unit, result: Result) -> None:
            report.add(unit, result)
            name(unit, result)

        left = list(_left(units, states, record, note))
        report.before = len(units) - len(left)
        return report, _run(Pool(work, _processes(options, left)), left, states, record, note)


def _from_store(options: Namespace) -> tuple[Report, str]:
    config = load_part(options.config, SendPart)
    steps = load_part(options.config, StepsPart)
    release = release_of(work_of(steps, options.step, config.data_dir))
    place = config.data_dir / "deidentify" / release.name_of(f"{options.source}\0{options.out}")
    report = Report(release, options.step, 0, "item")
    with _naming(options.names) as name:

        def note(unit: Unit, result: Result) -> None:
            report.add(unit, result)
            name(unit, result)

        return report, run_loop(copy_store(config, work_of(steps, options.step, place), options, report, note))


def work_of(part: StepsPart, step: str, out: Path) -> Work:
    """Return what the workers are told; raises ConfigError if there is no such step."""
    if step not in part.steps:
        raise ConfigError(f"--step: {step}: there is no such step; there are {', '.join(sorted(part.steps)) or 'none'}")
    return Work(step, part.steps[step], part.domains, out)


def _processes(options: Namespace, left: Sequence[Unit]) -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(options.processes or cores, len(left)))


def _left(units: Sequence[Unit], states: dict[Unit, str], record: Record, note: Note) -> Iterator[Unit]:
    """Yield the units that are not done; note what has become of the others."""
    for unit in units:
        result = record.results.get(states[unit])
        if result is None:
            yield unit
        else:
            note(unit, result)


def _run(pool: Pool, units: Sequence[Unit], states: dict[Unit, str], record: Record, note: Note) -> str:
    """De-identify the units; return why it has stopped, or nothing."""
    if not units:
        return ""
    bar = Bar(sum(each.octets for each in units), len(units))
    try:
        with pool:
            for found in pool.run(units):
                if found is not None:
                    unit, result = found
                    if result.outcome == "stopped":
                        return result.problem
                    if result.outcome == "same" and not record.outputs.issuperset(result.outputs):
                        result.outcome = "written"  # by a run that was killed before it could note it
                    if not result.problem:
                        record.add(states[unit], result)
                    note(unit, result)
                    bar.add(unit.octets, sum(result.held.values()))
                bar.draw()
    finally:
        bar.erase()
    return ""


@contextmanager
def _naming(path: Path | None) -> Iterator[Note]:
    """Yield what notes the names of the files, which may be those of patients, in a file for its owner alone."""
    if path is None:
        yield lambda _, __: None
        return
    with _created(path) as descriptor:

        def note(unit: Unit, result: Result) -> None:
            line = {"file": unit.number, "name": unit.name, "outcome": result.outcome, "outputs": result.outputs}
            os.write(descriptor, json.dumps(line).encode() + b"\n")

        yield note


@contextmanager
def _created(path: Path) -> Iterator[int]:
    try:
        with suppress(FileNotFoundError):
            path.unlink()  # a new file, whose access nobody else has chosen
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}; name another file") from None
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _print(report: Report, options: Namespace) -> None:
    if options.json:
        print(json.dumps(report.as_json()))  # noqa: T201  it is the command's result
        return
    for line in report.lines():
        print(line)  # noqa: T201  it is the command's result
