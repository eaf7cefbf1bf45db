"""C-ECHO and C-STORE for the command line: files as they are, one connection for each association and no other."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path

from adapters.dimse.protocol.negotiation import IMPLICIT_VR_LITTLE_ENDIAN, VERIFICATION
from adapters.dimse.requesting.files import (
    DIRECTORY,
    UNREADABLE,
    Instance,
    NotSendable,
    UnreadableError,
    batches,
    files_in,
    read_instance,
)
from adapters.dimse.requesting.requestor import Requestor

ECHO_CONTEXT, ECHO = 1, (VERIFICATION, IMPLICIT_VR_LITTLE_ENDIAN)


@dataclass(frozen=True, slots=True)
class Peer:
    """Whom to send to, and as whom."""

    called: str
    host: str
    port: int
    calling: str
    timeout: float


@dataclass(frozen=True, slots=True)
class EchoResult:
    """What a C-ECHO came to."""

    status: str | None
    """Four hexadecimal digits; None when there was no response."""
    reason: str = ""
    """Why there was none."""


@dataclass(frozen=True, slots=True)
class SendResult:
    """What the C-STORE of one file came to."""

    path: Path
    sop_instance_uid: str
    """Empty when the file has none that could be read."""
    status: str | None
    """Four hexadecimal digits; None when there was no response."""
    reason: str = ""
    """Why there was none."""
    is_left_out: bool = False
    """Nobody asked for this file by its name, and it is none that could be stored."""


async def echo(
    called: str,
    host: str,
    port: int,
    calling: str = "HILUM",
    timeout: float = 30,  # noqa: ASYNC109  for each step, not for the whole
) -> EchoResult:
    """Send a C-ECHO. What goes wrong is in the result, not raised."""
    try:
        async with Requestor(host, port, timeout) as requestor:
            await requestor.associate(called, calling, {ECHO_CONTEXT: ECHO})
            if not requestor.accepts(ECHO_CONTEXT):
                return EchoResult(None, requestor.why_not_accepted(ECHO_CONTEXT, ECHO))
            return EchoResult(_hexadecimal(await requestor.echo(ECHO_CONTEXT, VERIFICATION)))
    except OSError as error:
        return EchoResult(None, _why(error))


async def send(
    paths: Iterable[Path],
    called: str,
    host: str,
    port: int,
    calling: str = "HILUM",
    timeout: float = 60,  # noqa: ASYNC109  likewise
) -> AsyncIterator[SendResult]:
    """Send the files, and those in the folders, among *paths*; yield what came of each. Nothing is transcoded.

    Each association proposes what its files are. More than 128 kinds of files need more than one.
    """
    named = tuple(paths)
    instances: list[Instance] = []
    for path in files_in(named):
        read = await asyncio.to_thread(read_instance, path)
        if isinstance(read, Instance):
            instances.append(read)
        else:
            yield _not_sent(read, is_named=path in named)
    for batch in batches(instances):
        async for result in _send_batch(batch, Peer(called, host, port, calling, timeout)):
            yield result


def _not_sent(file: NotSendable, *, is_named: bool) -> SendResult:
    is_left_out = file.reason == DIRECTORY and not is_named
    return SendResult(file.path, file.sop_instance_uid, None, file.reason, is_left_out)


async def _send_batch(batch: list[Instance], peer: Peer) -> AsyncIterator[SendResult]:
    numbers = {syntaxes: 2 * n + 1 for n, syntaxes in enumerate(dict.fromkeys(each.syntaxes for each in batch))}
    waiting = deque(batch)
    while waiting:
        try:
            async with Requestor(peer.host, peer.port, peer.timeout) as requestor:
                await requestor.associate(peer.called, peer.calling, {number: each for each, number in numbers.items()})
                while waiting:
                    result = await _store(requestor, numbers[waiting[0].syntaxes], waiting[0])
                    waiting.popleft()
                    yield result
        except UnreadableError as error:  # half of it is sent, so the association cannot go on; the others still can
            yield _failed(waiting.popleft(), _why(error))
        except OSError as error:
            while waiting:
                yield _failed(waiting.popleft(), _why(error))


async def _store(requestor: Requestor, context_id: int, instance: Instance) -> SendResult:
    if not requestor.accepts(context_id):
        return _failed(instance, requestor.why_not_accepted(context_id, instance.syntaxes))
    try:
        file = await asyncio.to_thread(instance.path.open, "rb")
    except OSError:
        return _failed(instance, UNREADABLE)
    with file:
        status = await requestor.store(context_id, instance, file)
    return SendResult(instance.path, instance.sop_instance_uid, _hexadecimal(status))


def _failed(instance: Instance, reason: str) -> SendResult:
    return SendResult(instance.path, instance.sop_instance_uid, None, reason)


def _hexadecimal(status: int) -> str:
    return f"{status:04X}"


def _why(error: OSError) -> str:
    return error.strerror or "no answer"  # a Requestor gives every error its text
