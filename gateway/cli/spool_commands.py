"""The commands of ``hilum spool`` that show waiting and parked entries. They may run while the daemon runs."""

import json
import sys
import time
from argparse import Namespace
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import wraps
from pathlib import Path

from gateway.admin.spool_report import reasons_table, record_as_json, records_table, totals_table
from gateway.cli.commands import DONE, FAILED
from gateway.cli.ending import INTERRUPTED
from gateway.cli.spool_audit import open_trail
from gateway.cli.spool_operator import operator_name, say
from gateway.config.destinations import destinations_of
from gateway.config.parts import SpoolPart, StepsPart, load_part
from gateway.contract.body import Body
from gateway.contract.errors import ConfigError, GatewayError
from gateway.contract.message import Message
from gateway.flow.steps import go_through, open_steps
from gateway.process.loop import run_loop
from gateway.spool import Operations, Selection, open_for_operator
from gateway.spool.folders import existing_folders, folders_set_aside, spools_of
from gateway.spool.operating.lookup import Names, find_message, find_payload, find_record
from gateway.spool.operating.requests import PAGE, find_page
from gateway.spool.operating.telling import telling

Run = Callable[[Namespace], int]


class NotAll(GatewayError):  # noqa: N818 - it names what happened
    """The request was carried out only in part."""


class NotSent(GatewayError):  # noqa: N818 - it names what happened
    """A step refuses the message, or is no longer configured."""


def with_spool(ask: Callable[[Operations, Namespace], Awaitable[None]]) -> Run:
    """Make *ask* a command: open the spool for it, and turn errors into a line and an exit status.

    Its options also get the ``destinations`` and ``names`` of the configuration, and the steps of each destination.
    """

    async def open_and_ask(options: Namespace) -> None:
        settings = load_part(options.config, SpoolPart)
        options.destinations = destinations_of(settings)
        options.names = Names(options.destinations, settings.listeners)
        options.own_steps = {name: each.via for name, each in settings.destinations.items()}
        async with _operations(settings) as operations:
            await ask(operations, options)

    @wraps(ask)
    def run(options: Namespace) -> int:
        try:
            run_loop(open_and_ask(options))
        except ConfigError:
            raise
        except GatewayError as error:
            say(f"hilum: {error}")
            return FAILED
        except KeyboardInterrupt:
            say("hilum: interrupted; only what is printed above has been done")
            return INTERRUPTED
        return DONE

    return run


@asynccontextmanager
async def _operations(settings: SpoolPart) -> AsyncIterator[Operations]:
    require_spool(settings.data_dir)
    async with open_for_operator(settings.data_dir, settings.spool) as operations:
        yield operations


def require_spool(data_dir: Path) -> None:
    """Raise ConfigError if there is no spool, or if this user may not read it."""
    try:
        next(spools_of(data_dir).iterdir(), None)
    except FileNotFoundError:
        pass
    except OSError as error:
        reason = f"the spool cannot be read: {error.strerror}; run this as the user of hilum serve"
        raise ConfigError(f"data_dir: {data_dir}: {reason}") from None
    if not existing_folders(data_dir) and not folders_set_aside(data_dir):
        raise ConfigError(f"data_dir: {data_dir}: there is no spool; no listener with acknowledge: commit ran here yet")


@with_spool
async def status(operations: Operations, _: Namespace) -> None:
    """Print the totals by destination and state, and why entries are parked or delayed."""
    if aside := await operations.set_aside():
        say(f"hilum: damaged spools, not in these totals: {', '.join(aside)}; run `hilum spool repair`")
    now = time.time()
    print_lines(totals_table(await operations.totals(), now))
    if reasons := [each for each in await operations.totals_by_reason(Selection()) if each.reason is not None]:
        print_lines(["", *reasons_table(reasons, now)])


@with_spool
async def list_entries(operations: Operations, options: Namespace) -> None:
    """Print one page of the entries that match."""
    now = time.time()
    page = await find_page(operations, words_of(options, *PAGE), now, options.names)
    if options.json:
        print_lines(json.dumps(record_as_json(each)) for each in page.records)
    else:
        print_lines(records_table(page.records, now))
    if page.next is not None:
        say(f"hilum: there are more entries; continue with --after {page.next}")


@with_spool
async def show(operations: Operations, options: Namespace) -> None:
    """Print one record; or, with ``--payload``, only the payload, as it was received or as it would be sent."""
    if options.after_steps and not options.payload:
        raise ConfigError("--after-steps: has no effect without --payload; add --payload")
    if options.payload:
        await find_payload(operations, options.id)
        one = Selection(entry_ids=frozenset([options.id]))
        async with open_trail(options) as tell, telling(tell, operator_name(), "printed", one) as told:
            await _print_payload(operations, options)
            told.count = 1
    else:
        record = await find_record(operations, options.id)
        print_lines([json.dumps(record_as_json(record), indent=2)])


async def _print_payload(operations: Operations, options: Namespace) -> None:
    if not options.after_steps:
        await copy(await find_payload(operations, options.id), sys.stdout.buffer.write)
        return
    message = await find_message(operations, options.id)
    own = options.own_steps.get((await find_record(operations, options.id)).destination, ())
    part = load_part(options.config, StepsPart)
    async with open_steps(part.steps, domains=part.domains) as steps:
        changed = await go_through(replace(message, via=(*message.via, *own)), steps)
        if not isinstance(changed, Message):
            raise NotSent(changed.reason)
        await copy(changed.body, sys.stdout.buffer.write)


def words_of(options: Namespace, *names: str) -> dict[str, object]:
    """Return the options of these *names* that were given."""
    given = {name: getattr(options, name) for name in names}
    return {name: value for name, value in given.items() if value not in (None, False, [])}


async def copy(body: Body, write: Callable[[bytes], object]) -> None:
    """Pass a payload to *write*, chunk by chunk."""
    async for chunk in body.chunks():
        write(bytes(chunk))


def print_lines(lines: Iterable[str]) -> None:
    """Print the result of a command."""
    for line in lines:
        print(line)  # noqa: T201  it is the command's result
