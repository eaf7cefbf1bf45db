"""Finds what an operator named in the spool, or says why it is not there."""

from gateway.contract.body import Body
from gateway.contract.errors import GatewayError
from gateway.contract.message import Message
from gateway.spool import Operations, Record, Selection


class UnknownEntry(GatewayError):  # noqa: N818 - it names what happened
    """There is no entry of that ID, or not any more."""

    def __init__(self, entry_id: str) -> None:
        super().__init__(f"there is no entry {entry_id!r}; the IDs are in the list of entries")


class PayloadGone(GatewayError):  # noqa: N818 - it names what happened
    """The record is kept, the payload is not."""

    def __init__(self, entry_id: str) -> None:
        super().__init__(f"the payload of {entry_id} is gone: every delivery of its message is decided")


async def find_record(operations: Operations, entry_id: str) -> Record:
    """Return an entry's record; raises UnknownEntry."""
    record = await operations.get(entry_id)
    if record is None:
        raise UnknownEntry(entry_id)
    return record


async def find_payload(operations: Operations, entry_id: str) -> Body:
    """Return an entry's payload; raises UnknownEntry or PayloadGone."""
    await find_record(operations, entry_id)
    body = await operations.open_body(entry_id)
    if body is None:
        raise PayloadGone(entry_id)
    return body


async def find_message(operations: Operations, entry_id: str) -> Message:
    """Return an entry's message; raises UnknownEntry or PayloadGone."""
    await find_record(operations, entry_id)
    message = await operations.open_message(entry_id)
    if message is None:
        raise PayloadGone(entry_id)
    return message


async def require_known(operations: Operations, selection: Selection) -> None:
    """Raise UnknownEntry if the selection names an entry that is not there: a wrong ID changes nothing at all."""
    for entry_id in sorted(selection.entry_ids or ()):
        await find_record(operations, entry_id)
