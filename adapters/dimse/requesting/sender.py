"""C-ECHO and C-STORE of files as they are, over as many associations as it takes.

An association proposes what its files are; more than 128 kinds of files need more than one. One that the peer ends, or
that is lost, is opened again for what is left. The instance that was not answered is sent once more then, for the peer
may not have it; sending it twice is harmless, its SOP Instance UID is the same.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from adapters.dimse.protocol.proposing import Syntaxes
from adapters.dimse.requesting.association import ECHO, Association, NotAccepted, associate
from adapters.dimse.requesting.connection import AssociationEnded
from adapters.dimse.requesting.files import (
    LEFT_OUT,
    Instance,
    NotSendable,
    UnreadableError,
    batches,
    files_in,
    open_data_set,
    read_instance,
)
from gateway.contract.sending import DEFAULT, Address, Progress, SendOptions

MOST_IN_VAIN = 3
"""Associations in a row that end without one answer: the peer is not asked again."""
AT_ONCE = 100
"""Files that are read before progress is told."""


@dataclass(frozen=True, slots=True)
class EchoResult:
    """What a C-ECHO came to."""

    status: str | None
    """Four hexadecimal digits; None when there was no response."""
    reason: str = ""
    """Why there was none."""
    comment: str = ""
    """Error Comment of the response."""


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
    comment: str = ""
    """Error Comment of the response."""
    is_left_out: bool = False
    """Nobody asked for this file by its name, and it is none that could be stored."""


async def echo(address: Address, options: SendOptions = DEFAULT) -> EchoResult:
    """Send a C-ECHO. What goes wrong is in the result, not raised."""
    try:
        async with associate(address, {1: ECHO}, options) as association:
            response = await association.echo()
            return EchoResult(_hexadecimal(response.status), comment=response.comment)
    except NotAccepted as error:
        return EchoResult(None, str(error))
    except AssociationEnded as error:
        return EchoResult(None, error.reason)


async def send(address: Address, paths: Iterable[Path], options: SendOptions = DEFAULT) -> AsyncIterator[SendResult]:
    """Send the files, and those in the folders, among *paths*; yield what came of each. Nothing is transcoded."""
    named = tuple(paths)
    instances: list[Instance] = []
    for number, path in enumerate(files_in(named)):
        if number % AT_ONCE == 0:
            options.tell(Progress("reading files", number))
        read = await asyncio.to_thread(read_instance, path)
        if isinstance(read, Instance):
            instances.append(read)
        else:
            yield _not_sent(read, is_named=path in named)
    options.tell(Progress("sending", total=len(instances)))
    for batch in batches(instances):
        async for result in _Batch(batch, address, options).send():
            yield result


def _not_sent(file: NotSendable, *, is_named: bool) -> SendResult:
    is_left_out = file.reason in LEFT_OUT and not is_named
    return SendResult(file.path, file.sop_instance_uid, None, file.reason, is_left_out=is_left_out)


class _Batch:
    """Instances whose kinds fit into one association."""

    def __init__(self, instances: Iterable[Instance], address: Address, options: SendOptions) -> None:
        self._waiting = deque(instances)
        kinds = dict.fromkeys(each.syntaxes for each in self._waiting)
        self._contexts: Mapping[int, Syntaxes] = {2 * number + 1: each for number, each in enumerate(kinds)}
        self._address, self._options = address, options
        self._in_vain = 0  # associations in a row that have ended without an answer
        self._sent_again: Instance | None = None

    async def send(self) -> AsyncIterator[SendResult]:
        """Yield what came of each instance."""
        while self._waiting:
            is_open = False
            try:
                async with associate(self._address, self._contexts, self._options) as association:
                    is_open = True
                    while self._waiting:
                        result = await self._store(association, self._waiting[0])
                        self._in_vain = 0
                        self._waiting.popleft()
                        yield result
            except (
                UnreadableError
            ) as error:  # half of it is sent, so the association cannot go on; the others still can
                yield _failed(self._waiting.popleft(), error.reason)
            except AssociationEnded as error:
                for result in self._broken(error) if is_open else self._all_failed(error.reason):
                    yield result

    async def _store(self, association: Association, instance: Instance) -> SendResult:
        try:
            association.context_of(instance.syntaxes)
            file, data_set = await open_data_set(instance)
        except NotAccepted as error:
            return _failed(instance, str(error))
        except UnreadableError as error:
            return _failed(instance, error.reason)
        with file:
            response = await association.store(instance.syntaxes, instance.sop_instance_uid, data_set)
        status = _hexadecimal(response.status)
        return SendResult(instance.path, instance.sop_instance_uid, status, comment=response.comment)

    def _broken(self, error: AssociationEnded) -> list[SendResult]:
        """Return what is not tried again, after an association has ended over the front of what waits."""
        if not self._waiting:
            return []
        self._in_vain += 1
        failed = []
        is_peers_doing = error.ended is not None  # a peer that was only too slow would be again
        if is_peers_doing and self._sent_again is not self._waiting[0] and self._in_vain < MOST_IN_VAIN:
            self._sent_again = self._waiting[0]
        else:
            failed = [_failed(self._waiting.popleft(), error.reason)]
        if self._in_vain >= MOST_IN_VAIN:
            why = f"not sent: {MOST_IN_VAIN} associations in a row ended without an answer: {error.reason}"
            failed += self._all_failed(why)
        return failed

    def _all_failed(self, reason: str) -> list[SendResult]:
        failed = [_failed(each, reason) for each in self._waiting]
        self._waiting.clear()
        return failed


def _failed(instance: Instance, reason: str) -> SendResult:
    return SendResult(instance.path, instance.sop_instance_uid, None, reason)


def _hexadecimal(status: int | None) -> str:
    return f"{status or 0:04X}"
