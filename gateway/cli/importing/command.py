"""``hilum import CONFIG SOURCE DESTINATION``: opens both ends, imports, and prints what is not stored."""

import asyncio
import hashlib
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from gateway.audit.opening import open_audit
from gateway.cli.importing.gathering import Gathering, most_of
from gateway.cli.importing.importing import Importing, Options, Way
from gateway.cli.importing.ledger import Ledger
from gateway.cli.importing.parts import Reader
from gateway.cli.importing.patience import Patience
from gateway.cli.importing.places import Place, pattern_of, source_of
from gateway.cli.importing.report import Report
from gateway.cli.spool_operator import operator_name
from gateway.config.buckets import opener_of
from gateway.config.parts import SendPart, StepsPart, load_part
from gateway.contract.acknowledgements import Acknowledgements
from gateway.contract.acts import Moved
from gateway.contract.destination import BatchDestination, Destination
from gateway.contract.errors import ConfigError
from gateway.contract.message import Message, Subject
from gateway.flow.steps import open_steps, stepped
from gateway.flow.tools import tools_of
from gateway.kinds import KINDS
from gateway.process.loop import run_loop
from gateway.telemetry.metrics import Metrics

DONE, FAILED = 0, 1
SKIP, OVERWRITE, REFUSE = CONFLICTS = ("skip", "overwrite", "refuse")


def import_objects(options: Namespace) -> int:
    """Import; return 1 if something is not stored."""
    config = load_part(options.config, SendPart)
    name = options.destination
    if name not in config.destinations:
        raise ConfigError(f"{name}: there is no such destination; there are {', '.join(sorted(config.destinations))}")
    place = source_of(options.source, config.buckets, opener_of(config.buckets))
    pattern = pattern_of(place)
    report = Report(as_json=options.json)
    stopped = run_loop(_import(config, options, place, pattern, report))
    if report.is_empty and not stopped:
        mend = "for all that is below a folder, let it end with /"
        raise ConfigError(f"SOURCE: {options.source}: there is no object of this name; {mend}")
    report.end(stopped)
    return DONE if report.is_good and not stopped else FAILED


async def _import(config: SendPart, options: Namespace, place: Place, pattern: str, report: Report) -> str:
    """Import what *pattern* means; return why it has stopped before its end, or nothing."""
    settings = _with_conflicts(config.destinations[options.destination], options)
    takes = None if settings.via else KINDS.destinations[settings.kind].takes
    scratch = config.data_dir / "import"
    async with _opened(config, settings, options, place, report) as destination:
        with Ledger(scratch / f"{options.destination}-{_digest(settings)}.ledger") as ledger:
            patience = Patience(options.patience, tell=report.waiting)
            chosen = Options(
                at_once=_at_once(settings, options),
                skips_conflicts=options.on_conflict == SKIP,
                again=options.again,
                reads_ranges=not settings.via and KINDS.destinations[settings.kind].reads_ranges,
            )
            way, reader = Way(place, destination, takes), Reader(scratch, options.content_structure)
            await Importing(way, ledger, reader, report, chosen, patience).run(pattern)
    return patience.stopped


def _with_conflicts(settings: Any, options: Namespace) -> Any:
    """Return the settings of the destination, changed so that it replaces what it has, if that is asked for."""
    if "on_conflict" not in type(settings).model_fields:
        return settings
    return settings.model_copy(update={"on_conflict": OVERWRITE if options.on_conflict == OVERWRITE else REFUSE})


def _concurrency(settings: Any, options: Namespace) -> int:
    return int(options.concurrency or settings.most_at_once)


def _at_once(settings: Any, options: Namespace) -> int:
    """Return how many objects are read and sent at a time: enough that the next requests are ready to be sent."""
    concurrency = _concurrency(settings, options)
    most = most_of(settings, concurrency)
    return concurrency if most is None else (most.requests + 2) * most.instances


def _digest(settings: Any) -> str:
    """Return the end of the ledger's name: another address under the same name is another destination."""
    address = str(getattr(settings, "url", "")) or repr(settings)
    return hashlib.sha256(address.encode()).hexdigest()[:12]


@asynccontextmanager
async def _opened(
    config: SendPart, settings: Any, options: Namespace, place: Place, report: Report
) -> AsyncIterator[Destination]:
    """Open the destination as `hilum serve` does, with its own steps, and the audit trail, which tells of the run."""

    def subject_of(message: Message, beginning: bytes) -> Subject:
        return KINDS.listeners[message.facts["protocol"]].subject_of(message, beginning)

    metrics, name = Metrics(), options.destination
    tools = tools_of(config.data_dir, frozenset(), metrics, Acknowledgements(), config.buckets)
    part = load_part(options.config, StepsPart) if settings.via else StepsPart()
    used = {step: each for step, each in part.steps.items() if step in settings.via}
    async with (
        open_audit(config.audit, metrics, subject_of) as audit,
        open_steps(used, metrics, part.domains) as steps,
    ):
        store = await asyncio.to_thread(KINDS.destinations[settings.kind].open, name, settings, tools)
        moved = Moved("import", operator_name(), place.address, f"{name} ({store.address})")
        is_done = False
        try:
            async with store:
                reached = stepped(audit.destination(store, store.address), steps, settings.via)
                if (most := most_of(settings, _concurrency(settings, options))) is None:
                    yield reached
                else:
                    async with Gathering(cast("BatchDestination", reached), most) as gathering:
                        yield gathering
            is_done = True
        finally:
            audit.moved(moved, report.stored, is_done=is_done and report.is_good)
