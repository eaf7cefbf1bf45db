"""The commands ``hilum spool retry``, ``discard`` and ``move``; they show what is selected before they change it."""

import time
from argparse import Namespace

from gateway.admin.spool_report import moved_lines, reasons_table, records_table
from gateway.cli.spool_audit import open_trail
from gateway.cli.spool_commands import NotAll, print_lines, with_spool, words_of
from gateway.cli.spool_operator import ask, is_terminal, operator_name, say
from gateway.contract.errors import ConfigError, GatewayError
from gateway.spool import Operations, Selection, Total
from gateway.spool.operating.destinations import move as move_entries
from gateway.spool.operating.destinations import not_retried, require_delivered
from gateway.spool.operating.destinations import retry as retry_entries
from gateway.spool.operating.requests import DECISION, MOVE, find_decided, find_moved
from gateway.spool.operating.selection import read_reason
from gateway.spool.operating.telling import telling

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
    async with open_trail(options) as tell:
        if is_terminal() and not options.yes:
            await _confirm(operations, selection, totals, "retried", f"Retry {_entries(_sum(totals))} now?")
        async with telling(tell, operator_name(), "retried", selection) as told:
            retried = await retry_entries(operations, selection, options.destinations)
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
    async with open_trail(options) as tell:
        if not options.yes:
            await _confirm(operations, selection, totals, "discarded", f"Discard {_entries(_sum(totals))}? {GOES}")
        by = operator_name()
        async with telling(tell, by, "discarded", selection, reason) as told:
            told.count = await operations.discard(selection, reason, by)
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


async def _confirm(operations: Operations, selection: Selection, totals: list[Total], done: str, question: str) -> None:
    """Show the selected totals and ask; raises NotDone unless the answer is yes and the selection did not grow."""
    for line in reasons_table(totals, time.time()):
        say(line)
    if not await ask(question):
        raise NotDone(f"nothing was {done}")
    now = _sum(await operations.totals_by_reason(selection))
    if now > _sum(totals):
        raise NotDone(f"the selection has grown to {_entries(now)}, so nothing was {done}; check it again")


def _sum(totals: list[Total]) -> int:
    return sum(each.count for each in totals)


def _entries(count: int) -> str:
    return f"{count} entry" if count == 1 else f"{count} entries"
