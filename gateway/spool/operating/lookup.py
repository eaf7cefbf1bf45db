"""Finds what an operator named in the spool, or says why it is not there."""

from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TypeVar

from gateway.contract.body import Body
from gateway.contract.errors import ConfigError, GatewayError
from gateway.contract.message import Message
from gateway.spool import Operations, Record, Selection

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Names:
    """The names in the configuration."""

    destinations: Collection[str] = ()
    listeners: Collection[str] = ()


class UnknownEntry(GatewayError):  # noqa: N818 - it names what happened
    """There is no entry of that ID, or not any more."""

    def __init__(self, entry_id: str) -> None:
        super().__init__(f"there is no entry {entry_id!r}; the IDs are in the list of entries")


class UnknownMessage(UnknownEntry):
    """There is no message of that identifier, or not any more."""

    def __init__(self, what: str) -> None:
        GatewayError.__init__(self, f"there is no message with {what} in the spool, nor the record of one")


class PayloadGone(GatewayError):  # noqa: N818 - it names what happened
    """The record is kept, the payload is not."""

    def __init__(self, entry_id: str) -> None:
        super().__init__(f"the payload of {entry_id} is gone: every delivery of its message has been made or given up")


async def find_record(operations: Operations, entry_id: str) -> Record:
    """Return an entry's record; raises UnknownEntry."""
    record = await operations.get(entry_id)
    if record is None:
        raise UnknownEntry(entry_id)
    return record


async def find_payload(operations: Operations, entry_id: str) -> Body:
    """Return an entry's payload; raises UnknownEntry or PayloadGone."""
    return await _find(operations, entry_id, operations.open_body)


async def find_message(operations: Operations, entry_id: str) -> Message:
    """Return an entry's message; raises UnknownEntry or PayloadGone."""
    return await _find(operations, entry_id, operations.open_message)


async def _find(operations: Operations, entry_id: str, open_entry: Callable[[str], Awaitable[T | None]]) -> T:
    await find_record(operations, entry_id)
    found = await open_entry(entry_id)
    if found is None:
        raise PayloadGone(entry_id)
    return found


async def require_known(operations: Operations, selection: Selection) -> None:
    """Raise UnknownEntry if the selection names an entry or a message that is not there.

    This is checked before anything is changed, so that one wrong ID changes nothing at all.
    """
    for entry_id in sorted(selection.entry_ids or ()):
        await find_record(operations, entry_id)
    for what, alone in (
        (f"the control ID {selection.control_id!r}", Selection(control_id=selection.control_id)),
        (
            f"the SOP Instance UID {selection.sop_instance_uid!r}",
            Selection(sop_instance_uid=selection.sop_instance_uid),
        ),
    ):
        if alone != Selection() and not await is_any(operations, alone):
            raise UnknownMessage(what)


async def is_any(operations: Operations, selection: Selection) -> bool:
    """Tell whether there is an entry that matches."""
    return bool((await operations.find(selection, limit=1)).records)


async def require_names(operations: Operations, selection: Selection, names: Names) -> None:
    """Raise ConfigError if the selection names a destination or listener that is neither configured nor in the spool.

    Thus a name that was removed from the configuration is known, and so is one that has no message yet.
    """
    destination, listener = selection.destination, selection.listener
    if destination is not None and destination not in names.destinations:
        there = {each.destination for each in await operations.totals() if each.count}
        if destination not in there:
            raise ConfigError(_unknown("destination", destination, there.union(names.destinations)))
    if listener is None or listener in names.listeners:
        return
    if not await is_any(operations, Selection(listener=listener)):
        raise ConfigError(_unknown("listener", listener, names.listeners))


def _unknown(kind: str, name: str, there: Iterable[str]) -> str:
    known = ", ".join(sorted(there)) or "none"
    return f"{kind}: there is no {name!r}, neither in the configuration nor in the spool; there is {known}"
