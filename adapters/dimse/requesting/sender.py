"""C-ECHO and C-STORE of unchanged files, over as many associations as needed.

An association proposes the SOP classes and transfer syntaxes of its files; more than 128 combinations need more than
one association. If the peer ends an association, or the connection is lost, a new one is opened for the remaining
files. The instance that was not answered is sent once more, because the peer may not have it; sending it twice is
harmless, because its SOP Instance UID stays the same.
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
"""After this many associations in a row without a single answer no further one is opened."""
AT_ONCE = 100
"""Files read between two reports of progress."""


@dataclass(frozen=True, slots=True)
class EchoResult:
    """The result of a C-ECHO."""

    status: str | None
    """Four hexadecimal digits; None when there was no response."""
    reason: str = ""
    """Why there was none."""
    comment: str = ""
    """Error Comment of the response."""


@dataclass(frozen=True, slots=True)
class SendResult:
    """The result of the C-STORE of one file."""

    path: Path
    sop_instance_uid: str
    """Empty if no SOP Instance UID could be read from the file."""
    status: str | None
    """Four hexadecimal digits; None when there was no response."""
    reason: str = ""
    """Why there was none."""
    comment: str = ""
    """Error Comment of the response."""
    is_left_out: bool = False
    """Whether the file was found in a folder and is skipped because it is not a DICOM instance."""


async def echo(address: Address, options: SendOptions = DEFAULT) -> EchoResult:
    """Send a C-ECHO. Failures are returned in the result, not raised."""
    try:
        async with associate(address, {1: ECHO}, options) as association:
            response = await association.echo()
            return EchoResult(_hexadecimal(response.status), comment=response.comment)
    except NotAccepted as error:
        return EchoResult(None, str(error))
    except AssociationEnded as error:
        return EchoResult(None, error.reason)


async def send(address: Address, paths: Iterable[Path], options: SendOptions = DEFAULT) -> AsyncIterator[SendResult]:
    """Send the files among *paths* and those in the folders; yield the result of each. Nothing is transcoded."""
    named = tuple(paths)
    instances: list[Instance] = []
    for number, found in enumerate(files_in(named)):
        if number % AT_ONCE == 0:
            options.tell(Progress("reading files", number))
        read = found if isinstance(found, NotSendable) else await asyncio.to_thread(read_instance, found)
        if isinstance(read, Instance):
            instances.append(read)
        else:
            yield _not_sent(read, is_named=read.path in named)
    options.tell(Progress("sending", total=len(instances)))
    for batch in batches(instances):
        async for result in _Batch(batch, address, options).send():
            yield result


def _not_sent(file: NotSendable, *, is_named: bool) -> SendResult:
    is_left_out = file.reason in LEFT_OUT and not is_named
    return SendResult(file.path, file.sop_instance_uid, None, file.reason, is_left_out=is_left_out)


class _Batch:
    """Instances whose presentation contexts fit into one association."""

    def __init__(self, instances: Iterable[Instance], address: Address, options: SendOptions) -> None:
        self._waiting = deque(instances)
        kinds = dict.fromkeys(each.syntaxes for each in self._waiting)
        self._contexts: Mapping[int, Syntaxes] = {2 * number + 1: each for number, each in enumerate(kinds)}
        self._address, self._options = address, options
        self._in_vain = 0  # associations in a row that ended without an answer
        self._sent_again: Instance | None = None

    async def send(self) -> AsyncIterator[SendResult]:
        """Yield the result of each instance."""
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
            ) as error:  # the instance is sent in part, so the association must end; the other files can still be sent
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
        """Return the results of instances that are not tried again, after an association ended at the first waiting."""
        if not self._waiting:
            return []
        self._in_vain += 1
        failed = []
        is_peers_doing = error.ended is not None  # after a time-out a second try would time out again
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
