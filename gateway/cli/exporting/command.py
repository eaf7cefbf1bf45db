"""``hilum export CONFIG SOURCE BUCKET``: opens both ends, exports, and prints what is not written.

While an export runs, a ledger of its own knows which objects it has written. It is removed when the export has come to
its end: from then on these objects are as good as any other.
"""

import hashlib
from argparse import Namespace
from pathlib import Path

from gateway.audit.opening import open_audit
from gateway.cli.exporting.exporting import Exporting
from gateway.cli.exporting.layout import Layout
from gateway.cli.exporting.uploading import Uploading
from gateway.cli.importing.ledger import Ledger
from gateway.cli.importing.patience import Patience
from gateway.cli.importing.places import Place, place_of
from gateway.cli.importing.report import Report
from gateway.cli.spool_operator import operator_name
from gateway.config.buckets import opener_of
from gateway.config.parts import SendPart, load_part
from gateway.contract.acknowledgements import Acknowledgements
from gateway.contract.acts import Moved
from gateway.contract.errors import ConfigError
from gateway.contract.kind import DestinationKind
from gateway.contract.message import Subject
from gateway.contract.wildcards import has_wildcard
from gateway.flow.tools import tools_of
from gateway.kinds import KINDS
from gateway.process.loop import run_loop
from gateway.telemetry.metrics import Metrics

DONE, FAILED = 0, 1
AT_ONCE = 8


def export_store(options: Namespace) -> int:
    """Export; return 1 if something is not written."""
    config = load_part(options.config, SendPart)
    kind = _kind_of(config, options.source)
    place = place_of(options.bucket, config.buckets, opener_of(config.buckets))
    if has_wildcard(place.path):
        raise ConfigError(f"BUCKET: {options.bucket}: has a wildcard; name a bucket and a folder in it")
    report = Report(as_json=options.json)
    stopped = run_loop(_export(config, kind, options, place, report))
    report.end(stopped)
    return DONE if report.is_good and not stopped else FAILED


def _kind_of(config: SendPart, name: str) -> DestinationKind:
    if name not in config.destinations:
        raise ConfigError(f"{name}: there is no such destination; there are {', '.join(sorted(config.destinations))}")
    kind = KINDS.destinations[config.destinations[name].kind]
    if kind.listing is None:
        readable = ", ".join(each.name for each in KINDS.destinations.values() if each.listing is not None)
        raise ConfigError(f"destinations.{name}: kind {kind.name} cannot be read; name one of kind {readable}")
    return kind


async def _export(config: SendPart, kind: DestinationKind, options: Namespace, place: Place, report: Report) -> str:
    """Export what the store holds; return why it has stopped before its end, or nothing."""
    settings, metrics = config.destinations[options.source], Metrics()
    tools = tools_of(config.data_dir, frozenset(), metrics, Acknowledgements(), config.buckets)
    scratch = config.data_dir / "export"
    path = _ledger_of(scratch, options.source, place)
    patience = Patience(options.patience)
    (form,) = kind.takes
    assert kind.listing is not None  # noqa: S101  the caller has looked
    async with (
        open_audit(config.audit, metrics, lambda *_: Subject()) as audit,
        kind.listing(options.source, settings, tools) as listing,
    ):
        is_done = False
        try:
            with Ledger(path) as ledger:
                uploading = Uploading(place, ledger, patience, options.on_conflict)
                layout, at_once = Layout(form, options.content_structure), options.concurrency or AT_ONCE
                await Exporting(layout, uploading, report, patience, at_once, scratch).run(listing)
            is_done = not patience.stopped and report.is_good
        finally:
            source = f"{options.source} ({getattr(settings, 'url', '')})"
            audit.moved(Moved("export", operator_name(), source, place.address), report.stored, is_done=is_done)
    if is_done:
        _remove(path)
    return patience.stopped


def _ledger_of(scratch: Path, source: str, place: Place) -> Path:
    digest = hashlib.sha256(f"{place.address}\0{place.path}".encode()).hexdigest()[:12]
    return scratch / f"{source}-{digest}.ledger"


def _remove(path: Path) -> None:
    for each in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        each.unlink(missing_ok=True)
