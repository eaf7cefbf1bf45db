"""The commands ``hilum spool retry``, ``discard`` and ``move``; they show what is selected before they change it."""

import time
from argparse import Namespace
from collections.abc import Container
from dataclasses import replace

from gateway.admin.spool_report import moved_lines, reasons_table, records_table
from gateway.cli.spool_audit import open_trail
from gateway.cli.spool_commands import NotAll, print_lines, with_spool, words_of
from gateway.cli.spool_journal import recorded
from gateway.cli.spool_operator import ask, is_terminal, operator_name, say
from gateway.contract.errors import ConfigError, GatewayError
from gateway.spool import Operations, Selection, Total
from gateway.spool.operating.destinations import Retried, not_retried, require_delivered
from gateway.spool.operating.destinations import move as move_entries
from gateway.spool.operating.destinations import retry as retry_entries
from gateway.spool.operating.requests import DECISION, MOVE, find_decided, find_moved
from gateway.spool.operating.selection import UNDECIDED, read_reason
from gateway.spool.operating.telling import telling

STEP = 1000
"""Number of entries whose records are read together."""
FIRST_ONES = 10
"""Number of entries that ``--dry-run`` shows."""
GOES = "Their payloads are removed for good, unless another destination still waits for them."


class NotDone(GatewayError):  # noqa: N818 - it names what happened
    """The command changed nothing."""


@with_spool
async def retry(operations: Operations, options: Namespace) -> None:
    """Make parked entries wait for delivery again, end the pause of waiting ones, and print how many."""
    selection = await find_decided(operations, words_of(options, *DECISION), time.time(), options.names)
    await require_delivered(operations, selection, options.destinations)
    totals = await _meant(operations, selection, "retried")
    if options.dry_run:
        await _show(operations, selection, totals, "would be retried")
        return
    async with open_trail(options) as tell, recorded(operations, options) as deciding:
        confirmed = None
        if is_terminal() and not options.yes:
            confirmed = await _confirmed(operations, selection, totals, "retried", "Retry {} now?")
        async with telling(tell, operator_name(), "retried", selection) as told:
            if confirmed is None:
                retried = await retry_entries(deciding, selection, options.destinations)
            else:
                retried = await _retry_each(deciding, confirmed, options.destinations)
            told.count = retried.count
        print_lines([f"retried: {retried.count}"])
        if retried.left:
            raise NotAll("; ".join(map(not_retried, retried.left)))


@with_spool
async def discard(operations: Operations, options: Namespace) -> None:
    """Discard entries for good, and print how many."""
    reason = read_reason(words_of(options, "reason"))
    selection = await find_decided(operations, words_of(options, *DECISION), time.time(), options.names)
    totals = await _meant(operations, selection, "discarded")
    if options.dry_run:
        await _show(operations, selection, totals, "would be discarded")
        return
    if not options.yes and not is_terminal():
        meant = _entries(_sum(totals))
        raise ConfigError(f"--yes: is required without a terminal; {meant} would be discarded, see --dry-run")
    async with open_trail(options) as tell, recorded(operations, options) as deciding:
        parts, by = [selection], operator_name()
        if not options.yes:
            parts = await _confirmed(operations, selection, totals, "discarded", f"Discard {{}}? {GOES}")
        async with telling(tell, by, "discarded", selection, reason) as told:
            told.count = sum([await deciding.discard(part, reason, by) for part in parts])
        print_lines([f"discarded: {told.count}"])


@with_spool
async def move(operations: Operations, options: Namespace) -> None:
    """Move entries to another destination, and print how many."""
    selection, to = await find_moved(operations, words_of(options, *MOVE), time.time(), options.names)
    async with open_trail(options) as tell:
        async with telling(tell, operator_name(), f"moved to {to}", selection) as told:
            moved = await move_entries(operations, selection, to, options.destinations)
            told.count = moved.moved
        print_lines(moved_lines(moved, to))
        if moved.left:
            raise NotAll(f"not all were moved; entries of {selection.destination} that are unchanged: {moved.left}")


async def _meant(operations: Operations, selection: Selection, done: str) -> list[Total]:
    """Return the totals of the selected entries; raises NotDone if no entry is selected."""
    totals = await operations.totals_by_reason(selection)
    if not totals:
        raise NotDone(f"no waiting or parked entry is selected, so nothing was {done}; see `hilum spool list`")
    return totals


async def _show(operations: Operations, selection: Selection, totals: list[Total], what: str) -> None:
    """Print the totals of the selected entries by reason, and the first entries."""
    now = time.time()
    first = (await operations.find(selection, limit=FIRST_ONES)).records
    print_lines([*reasons_table(totals, now), "", *records_table(first, now), "", f"{what}: {_sum(totals)}"])


async def _confirmed(
    operations: Operations, selection: Selection, totals: list[Total], done: str, question: str
) -> list[Selection]:
    """Show the totals and ask; return what the answer is for. Raises NotDone unless the answer is yes.

    Entries that match only later, while the question is read, are not meant: the selection names the others by ID.
    """
    parts = await _named(operations, selection)
    for line in reasons_table(totals, time.time()):
        say(line)
    if not await ask(question.format(_entries(sum(len(part.entry_ids or ()) for part in parts)))):
        raise NotDone(f"nothing was {done}")
    return parts


async def _named(operations: Operations, selection: Selection) -> list[Selection]:
    """Return selections by destination and ID that have all the entries which *selection* has now."""
    parts: list[Selection] = []
    after = None
    while True:
        page = await operations.find(selection, after, STEP)
        found: dict[str, set[str]] = {}
        for record in page.records:
            if record.state in UNDECIDED:
                found.setdefault(record.destination, set()).add(record.entry_id)
        parts += [
            replace(selection, destination=name, entry_ids=frozenset(entry_ids)) for name, entry_ids in found.items()
        ]
        if page.next is None:
            return parts
        after = page.next


async def _retry_each(operations: Operations, parts: list[Selection], known: Container[str]) -> Retried:
    """Retry the entries of each part, except those of a destination that is not *known*."""
    count, left = 0, dict[str, None]()
    for part in parts:
        if part.destination in known:
            count += await operations.retry(part)
        else:
            left[str(part.destination)] = None
    return Retried(count, tuple(left))


def _sum(totals: list[Total]) -> int:
    return sum(each.count for each in totals)


def _entries(count: int) -> str:
    return f"{count} entry" if count == 1 else f"{count} entries"
