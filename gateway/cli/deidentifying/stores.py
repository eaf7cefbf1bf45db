"""``hilum deidentify CONFIG --step NAME --stores A B``: from one store to another, in one process.

What is done is kept below ``data_dir``, so that a run that was ended goes on. An item that is refused by the step, or
by the other store, is counted and not sent; nothing of it is kept.
"""

import asyncio
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.audit.opening import open_audit
from gateway.cli.deidentifying.copying import Copying, Ends, Note
from gateway.cli.deidentifying.output import locked
from gateway.cli.deidentifying.record import open_record
from gateway.cli.deidentifying.report import Report
from gateway.cli.deidentifying.worker import Work, release_of
from gateway.config.parts import SendPart
from gateway.contract.acknowledgements import Acknowledgements
from gateway.contract.errors import ConfigError
from gateway.contract.kind import Tools
from gateway.contract.message import Message, Subject
from gateway.contract.store_listing import Listing
from gateway.flow.steps import open_steps, stepped
from gateway.flow.tools import tools_of
from gateway.kinds import KINDS
from gateway.telemetry.metrics import Metrics

COPIED = frozenset({"dicom", "fhir"})
"""The formats that are copied from store to store."""


async def copy_store(config: SendPart, work: Work, options: Namespace, report: Report, name: Note) -> str:
    """De-identify what is not done yet; return why it has stopped, or nothing."""
    release = release_of(work)

    async with open_ends(config, work, options) as ends:
        with locked(work.out) as own, open_record(own, release, work.out) as record:
            copying = Copying(ends, work.out, record, release.name_of, name)
            await copying.run()
    report.files, report.before = copying.items, copying.before
    return copying.stopped


def format_between(config: SendPart, source: str, to: str) -> str:
    """Return the format of both stores; raises ConfigError if one does not exist, or they have none in common."""
    for flag, name in (("IN", source), ("OUT", to)):
        if name not in config.destinations:
            known = ", ".join(sorted(config.destinations))
            raise ConfigError(f"{flag}: {name}: there is no such destination; there are {known}")
    kinds = [KINDS.destinations[config.destinations[name].kind] for name in (source, to)]
    if kinds[0].listing is None or not kinds[0].takes & COPIED:
        raise ConfigError(f"IN: {source}: kind {kinds[0].name} cannot be read; name a dicomweb or a fhir_store")
    common = kinds[0].takes & kinds[1].takes
    if not common:
        raise ConfigError(f"OUT: {to}: kind {kinds[1].name} does not take what {source} holds; name another one")
    urls = [str(getattr(config.destinations[name], "url", name)).rstrip("/") for name in (source, to)]
    if urls[0] == urls[1]:
        raise ConfigError(f"OUT: {to}: is the same store as {source}; name another one")
    return next(iter(common))


@asynccontextmanager
async def open_ends(config: SendPart, work: Work, options: Namespace) -> AsyncIterator[Ends]:
    """Open both stores; the destination as `hilum serve` does, with the step in front and in the audit trail."""
    form = format_between(config, options.source, options.out)
    metrics = Metrics()
    tools = tools_of(config.data_dir, frozenset(), metrics, Acknowledgements(), config.buckets)
    kind = KINDS.listeners["dimse" if form == "dicom" else "http"]

    def subject_of(message: Message, beginning: bytes) -> Subject:
        return kind.subject_of(message, beginning)

    to = config.destinations[options.out]
    async with (
        _listing(config, options.source, tools) as listing,
        open_audit(config.audit, metrics, subject_of) as audit,
        open_steps({work.step: work.settings}, metrics, work.domains) as steps,
    ):
        store = await asyncio.to_thread(KINDS.destinations[to.kind].open, options.out, to, tools)
        async with store:
            others = [name for name in to.via if name != work.step]
            if others:  # this step alone is done once, though the destination names it
                mend = "name a destination without them"
                raise ConfigError(f"OUT: {options.out}: has other steps of its own ({', '.join(others)}); {mend}")
            yield Ends(form, listing, stepped(audit.destination(store, store.address), steps, (work.step,)))


@asynccontextmanager
async def _listing(config: SendPart, name: str, tools: Tools) -> AsyncIterator[Listing]:
    settings = config.destinations[name]
    listing = KINDS.destinations[settings.kind].listing
    assert listing is not None  # noqa: S101  format_between has looked
    async with listing(name, settings, tools) as opened:
        yield opened
