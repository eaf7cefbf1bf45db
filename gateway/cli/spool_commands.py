"""What ``hilum spool`` does: look at what waits and what is parked, and decide. It may run beside the daemon."""

import json
import os
import sys
import time
from argparse import Namespace
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import wraps
from pathlib import Path
from typing import BinaryIO

from gateway.admin.spool_report import moved_lines, record_as_json, records_table, totals_table
from gateway.cli.commands import DONE, FAILED
from gateway.config.destinations import destinations_of
from gateway.config.parts import SpoolPart, StepsPart, load_part
from gateway.contract.body import Body
from gateway.contract.errors import ConfigError, GatewayError
from gateway.contract.message import Message
from gateway.flow.steps import go_through, open_steps
from gateway.process.loop import run_loop
from gateway.spool import Operations, open_for_operator
from gateway.spool.folders import existing_folders, folders_set_aside, spools_of
from gateway.spool.operating.destinations import move as move_entries
from gateway.spool.operating.destinations import not_retried
from gateway.spool.operating.destinations import retry as retry_entries
from gateway.spool.operating.lookup import find_message, find_payload, find_record
from gateway.spool.operating.requests import DECISION, MOVE, PAGE, find_decided, find_moved, find_page
from gateway.spool.operating.selection import read_reason
from gateway.spool.payloads.files import sync_folder

Run = Callable[[Namespace], int]


class NotAll(GatewayError):  # noqa: N818 - it names what happened
    """What was asked for has been done in part."""


class NotSent(GatewayError):  # noqa: N818 - it names what happened
    """A step refuses the message, or is gone."""


def _with_spool(ask: Callable[[Operations, Namespace], Awaitable[None]]) -> Run:
    """Make a command of *ask*: open the spool for it, and turn what went wrong into a line and an exit status.

    The destinations of the configuration are among its options then.
    """

    async def open_and_ask(options: Namespace) -> None:
        settings = load_part(options.config, SpoolPart)
        options.destinations = destinations_of(settings)
        async with _operations(settings) as operations:
            await ask(operations, options)

    @wraps(ask)
    def run(options: Namespace) -> int:
        try:
            run_loop(open_and_ask(options))
            sys.stdout.flush()
        except ConfigError:
            raise
        except GatewayError as error:
            _say(f"hilum: {error}")
            return FAILED
        except BrokenPipeError:  # a reader such as head has seen enough
            _forget_stdout()
            return FAILED
        return DONE

    return run


@asynccontextmanager
async def _operations(settings: SpoolPart) -> AsyncIterator[Operations]:
    require_spool(settings.data_dir)
    async with open_for_operator(settings.data_dir, settings.spool) as operations:
        yield operations


def require_spool(data_dir: Path) -> None:
    """Tell a spool that is not there from one that this user may not see."""
    try:
        next(spools_of(data_dir).iterdir(), None)
    except FileNotFoundError:
        pass
    except OSError as error:
        reason = f"the spool cannot be read: {error.strerror}; run this as the user of hilum serve"
        raise ConfigError(f"data_dir: {data_dir}: {reason}") from None
    if not existing_folders(data_dir) and not folders_set_aside(data_dir):
        raise ConfigError(f"data_dir: {data_dir}: there is no spool; no listener with acknowledge: commit ran here yet")


@_with_spool
async def status(operations: Operations, _: Namespace) -> None:
    """Print the sums by destination and state."""
    if aside := await operations.set_aside():
        _say(f"hilum: set aside because damaged, and not in these sums: {', '.join(aside)}; run `hilum spool repair`")
    print_lines(totals_table(await operations.totals(), time.time()))


@_with_spool
async def list_entries(operations: Operations, options: Namespace) -> None:
    """Print one page of the entries that match."""
    now = time.time()
    page = await find_page(operations, _words(options, *PAGE), now)
    if options.json:
        print_lines(json.dumps(record_as_json(each)) for each in page.records)
    else:
        print_lines(records_table(page.records, now))
    if page.next is not None:
        _say(f"hilum: there are more; go on with --after {page.next}")


@_with_spool
async def show(operations: Operations, options: Namespace) -> None:
    """Print one record; or, with ``--payload``, the payload alone, as it was received or as it would be sent."""
    if options.after_steps:
        if not options.payload:
            raise ConfigError("--after-steps: says which payload; add --payload")
        message = await find_message(operations, options.id)
        async with open_steps(load_part(options.config, StepsPart).steps) as steps:
            changed = await go_through(message, steps)
            if not isinstance(changed, Message):
                raise NotSent(changed.reason)
            await _copy(changed.body, sys.stdout.buffer.write)
    elif options.payload:
        body = await find_payload(operations, options.id)
        await _copy(body, sys.stdout.buffer.write)
    else:
        record = await find_record(operations, options.id)
        print_lines([json.dumps(record_as_json(record), indent=2)])


@_with_spool
async def retry(operations: Operations, options: Namespace) -> None:
    """Let parked entries wait again, end the pause of waiting ones, and print how many."""
    selection = await find_decided(operations, _words(options, *DECISION), time.time())
    retried = await retry_entries(operations, selection, options.destinations)
    print_lines([f"retried: {retried.count}"])
    if retried.left:
        raise NotAll("; ".join(map(not_retried, retried.left)))


@_with_spool
async def discard(operations: Operations, options: Namespace) -> None:
    """Give entries up, and print how many."""
    reason = read_reason(_words(options, "reason"))
    selection = await find_decided(operations, _words(options, *DECISION), time.time())
    print_lines([f"discarded: {await operations.discard(selection, reason)}"])


@_with_spool
async def move(operations: Operations, options: Namespace) -> None:
    """Give entries to another destination, and print how many."""
    selection, to = await find_moved(operations, _words(options, *MOVE), time.time())
    moved = await move_entries(operations, selection, to, options.destinations)
    print_lines(moved_lines(moved, to))
    if moved.left:
        raise NotAll(f"not all were moved; entries of {selection.destination} that are as they were: {moved.left}")


@_with_spool
async def export(operations: Operations, options: Namespace) -> None:
    """Write a payload to a file that only its owner may read, and that was not there before."""
    body = await find_payload(operations, options.id)
    with _new_file(options.file) as file:
        await _copy(body, file.write)
    print_lines([f"exported: {options.file}"])


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """Make a file for its owner alone; on stable storage at the end, for the entry may be discarded next."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be made: {error.strerror}; name a new file") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        sync_folder(path.parent)
    except BaseException as error:
        path.unlink()
        if isinstance(error, OSError):
            raise ConfigError(f"{path}: cannot be written: {error.strerror}; make room or name another") from None
        raise


def _words(options: Namespace, *names: str) -> dict[str, object]:
    """Return what was given of the options of these names."""
    given = {name: getattr(options, name) for name in names}
    return {name: value for name, value in given.items() if value is not None and value != []}


async def _copy(body: Body, write: Callable[[bytes], object]) -> None:
    async for chunk in body.chunks():
        write(bytes(chunk))


def print_lines(lines: Iterable[str]) -> None:
    """Print the result of a command."""
    for line in lines:
        print(line)  # noqa: T201  it is the command's result


def _say(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201  the command line speaks to a person


def _forget_stdout() -> None:
    """Keep Python from flushing to a closed pipe at its end, and from complaining about it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
