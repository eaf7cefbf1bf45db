"""``hilum send fhir CONFIG DESTINATION PATH…``: opens the destination, and shows what becomes of the records."""

import asyncio
import hashlib
import sys
from argparse import Namespace
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.audit.opening import open_audit
from gateway.cli.answers import Screen
from gateway.cli.ending import INTERRUPTED
from gateway.cli.prepared.files import find_files
from gateway.cli.prepared.progress import Progress, open_progress
from gateway.cli.prepared.sending import Limits, Sending
from gateway.config.parts import SendPart, StepsPart, load_part
from gateway.contract.acknowledgements import Acknowledgements
from gateway.contract.destination import Destination
from gateway.contract.errors import ConfigError
from gateway.contract.kind import ListenerKind
from gateway.contract.message import Message, Subject
from gateway.contract.sending import Progress as Shown
from gateway.flow.steps import open_steps, stepped
from gateway.flow.tools import tools_of
from gateway.kinds import KINDS
from gateway.process.loop import run_loop
from gateway.telemetry.metrics import Metrics

LISTENER = "http"
"""The kind of listener that takes FHIR: it reads files as what it would have received."""
DONE, FAILED = 0, 1


def send_fhir(options: Namespace) -> int:
    """Send the records of the files that were not sent before; print those that are refused or not sent."""
    config = load_part(options.config, SendPart)
    kind = KINDS.listeners[LISTENER]
    _check(config, options.destination)
    files = find_files(options.paths)
    path = options.progress or _progress_file(config.data_dir, options.destination, files)
    try:
        with open_progress(path, files, restart=options.restart) as progress:
            return DONE if run_loop(_send(config, kind, files, progress, options)) else FAILED
    except KeyboardInterrupt:
        _tell("interrupted: run the same command again to send the rest")
        return INTERRUPTED


def _check(config: SendPart, name: str) -> None:
    if name not in config.destinations:
        raise ConfigError(f"{name}: there is no such destination; there are {', '.join(sorted(config.destinations))}")
    kind = KINDS.destinations[config.destinations[name].kind]
    if "fhir" not in kind.takes:
        raise ConfigError(f"destinations.{name}: kind {kind.name} takes no FHIR; name a destination that does")


def _progress_file(data_dir: Path, name: str, files: Sequence[Path]) -> Path:
    digest = hashlib.sha256("\0".join(map(str, files)).encode()).hexdigest()[:12]
    return data_dir / "send" / f"{name}-{digest}.progress"


async def _send(
    config: SendPart, kind: ListenerKind, files: Sequence[Path], progress: Progress, options: Namespace
) -> bool:
    screen = Screen(0, only_failures=True)
    screen.tell(Shown("sending"))
    before = progress.stored, progress.refused
    async with _opened(config, kind, options.destination, options.config) as destination:
        limits = Limits(options.concurrency or config.destinations[options.destination].most_at_once, options.patience)
        sending = Sending(files, kind, destination.deliver, progress, limits)
        good = await screen.show(sending.run())
    if any(before):
        _tell(f"before: {before[0]} stored, {before[1]} refused, which are not sent again")
    if sending.stopped:
        _tell(f"stopped: {sending.stopped}; run the same command again to send the rest")
    return not before[1] and (good or (any(before) and screen.sent == 0))


@asynccontextmanager
async def _opened(config: SendPart, kind: ListenerKind, name: str, path: Path) -> AsyncIterator[Destination]:
    """Open the destination as `hilum serve` does, with its audit trail and its own steps."""

    def subject_of(_: Message, beginning: bytes) -> Subject:
        return kind.subject_of(_, beginning)

    metrics = Metrics()
    settings = config.destinations[name]
    tools = tools_of(config.data_dir, frozenset(), metrics, Acknowledgements(), config.buckets)
    part = load_part(path, StepsPart) if settings.via else StepsPart()
    used = {step: each for step, each in part.steps.items() if step in settings.via}
    async with (
        open_audit(config.audit, metrics, subject_of) as audit,
        open_steps(used, metrics, part.domains) as steps,
    ):
        store = await asyncio.to_thread(KINDS.destinations[settings.kind].open, name, settings, tools)
        async with store:
            yield stepped(audit.destination(store, store.address), steps, settings.via)


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201  the command line speaks to a person
