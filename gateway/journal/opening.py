"""Opens the journal of a process. Whatever is wrong with its folder, the gateway works, if need be without."""

import secrets
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from gateway.contract.journal import Passages
from gateway.journal.folder import folder_of, take_slot
from gateway.journal.identifiers import KEY_OCTETS, Identifiers, make_key
from gateway.journal.pruning import Pruning
from gateway.journal.rows import RowMaker
from gateway.journal.settings import JournalSettings
from gateway.journal.store import SegmentStore
from gateway.journal.writer import Journal

log = structlog.get_logger()

MEND = "give data_dir a folder that Hilum may write to, or write `journal: {enabled: false}`"
NO_THREAD = "the system starts no more threads"
MORE_THREADS = "raise the limit of processes and threads (ulimit -u, TasksMax of systemd), and restart Hilum"
NO_SLOT = "too many processes write to it"


@dataclass(frozen=True, slots=True)
class JournalPlan:
    """What the journal of a process is opened with."""

    settings: JournalSettings
    data_dir: Path
    keyed: Collection[str] = ()
    """The listeners of whose identifiers only a digest is kept."""
    may_make: bool = True
    """Whether *data_dir* may be made: only if somebody has named it."""
    number: int = 1
    """Of the worker."""


class NotKept(Exception):  # noqa: N818  it names what happened
    """The journal cannot be written; its text is the reason."""


@asynccontextmanager
async def open_journal(plan: JournalPlan, passages: Passages) -> AsyncIterator[Journal]:
    """Run the journal. Where it is not enabled or cannot be written, which is logged, only its readers get the rows."""
    store, identifiers = None, Identifiers(secrets.token_bytes(KEY_OCTETS), plan.keyed)
    if plan.settings.enabled:
        try:
            store, identifiers = _store(plan)
        except (OSError, NotKept) as error:
            reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
            log.warning("journal_not_kept", path=str(folder_of(plan.data_dir)), reason=reason, mend=MEND)
    journal = Journal(RowMaker(passages, identifiers.kept, identifiers.keyed), store)
    try:
        journal.start()
    except RuntimeError:  # rows are dropped and counted once the buffer is full
        log.warning("journal_not_kept", path=str(folder_of(plan.data_dir)), reason=NO_THREAD, mend=MORE_THREADS)
    try:
        yield journal
    finally:
        journal.stop()


def _store(plan: JournalPlan) -> tuple[SegmentStore, Identifiers]:
    if not plan.data_dir.is_dir() and not plan.may_make:
        raise NotKept("there is no such folder")
    folder = folder_of(plan.data_dir)
    slot = take_slot(folder, plan.number - 1)
    if slot is None:
        raise NotKept(NO_SLOT)
    try:
        folder.chmod(0o700)
        identifiers = Identifiers(make_key(folder), plan.keyed)
    except BaseException:
        slot.lock.release()
        raise
    return SegmentStore(folder, slot, Pruning(folder, plan.settings)), identifiers
