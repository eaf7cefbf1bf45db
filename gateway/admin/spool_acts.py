"""The acts on spooled messages that come through the admin port, by its API or by its pages: done, audited, logged.

The reason that an operator gives is kept where the act keeps it and is in the audit trail. It is in no log line: it is
free text, and may name a patient.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import structlog

from gateway.contract.acts import TellAct
from gateway.spool import Moved, Operations, Selection
from gateway.spool.operating import destinations as acting
from gateway.spool.operating.destinations import Destinations
from gateway.spool.operating.lookup import Names
from gateway.spool.operating.telling import Told, telling

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts."""

    by: str
    """As ``gateway.admin.callers.caller_of`` names them."""
    address: str = ""
    """Their IP address."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of an act."""

    count: int
    left: tuple[str, ...] = ()
    """Sentences on what was left as it is."""
    not_audited: Sequence[str] = ()
    """Why sinks of the audit trail have not written the event; the act is done nevertheless."""


class SpoolActs:
    """Retries, discards and moves what operators have selected."""

    def __init__(
        self, operations: Operations, destinations: Destinations, listeners: Collection[str], tell: TellAct
    ) -> None:
        self.operations = operations
        self.destinations = destinations
        self.names = Names(destinations, listeners)
        self._tell = tell

    async def retry(self, selection: Selection, actor: Actor, why: str = "") -> Done:
        """Make parked entries wait for delivery again and end the pause of waiting ones."""
        async with self.telling(actor, "retried", selection, why) as told:
            retried = await acting.retry(self.operations, selection, self.destinations)
            told.count = retried.count
        _log("spool_entries_retried", actor, selection, {"count": retried.count})
        return Done(retried.count, tuple(map(acting.not_retried, retried.left)), told.not_audited)

    async def discard(self, selection: Selection, actor: Actor, why: str) -> Done:
        """Discard entries for good."""
        async with self.telling(actor, "discarded", selection, why) as told:
            told.count = await self.operations.discard(selection, why, actor.by)
        _log("spool_entries_discarded", actor, selection, {"count": told.count})
        return Done(told.count, (), told.not_audited)

    async def move(self, selection: Selection, to: str, actor: Actor) -> tuple[Moved, Done]:
        """Move entries to another destination."""
        async with self.telling(actor, f"moved to {to}", selection) as told:
            moved = await acting.move(self.operations, selection, to, self.destinations)
            told.count = moved.moved
        figures = {
            "count": moved.moved,
            "merged": moved.merged,
            "left_discarded": moved.given_up,
            "left_other_protocol": moved.unfit,
        }
        _log("spool_entries_moved", actor, selection, {**figures, "to": to})
        return moved, Done(moved.moved, (), told.not_audited)

    def telling(
        self, actor: Actor, done: str, selection: Selection, why: str = ""
    ) -> AbstractAsyncContextManager[Told]:
        """Return the context in which an act is done that is reported to the audit trail."""
        return telling(self._tell, actor.by, done, selection, why, actor.address)


def _log(event: str, actor: Actor, selection: Selection, figures: Mapping[str, object]) -> None:
    log.info(
        event,
        peer=actor.address or None,
        by=actor.by,
        **figures,
        destination=selection.destination,
        state=selection.state,
        listener=selection.listener,
        named=None if selection.entry_ids is None else len(selection.entry_ids),
    )
