"""Commit mode: a message is answered as soon as it is durable in the spool; the dispatcher delivers it later."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from gateway.contract.journal import Passages
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Stored, Unavailable
from gateway.spool.interface import Plan, Spool, State
from gateway.spool.ordering import identity

log = structlog.get_logger()

KNOWN = (State.WAITING, State.DELIVERED)
"""The states of an earlier copy in which the message is not queued again."""


@dataclass(frozen=True, slots=True)
class Commit:
    """The ``Deliver`` of a route in commit mode."""

    spool: Spool
    destinations: tuple[str, ...]
    key_of: Callable[[Message], str | None]
    """The ordering key of a message."""
    duplicate_window: float
    """Seconds for which a duplicate of a message is recognised."""
    committed: Callable[[float], None]
    """Called with the seconds that each commit took."""
    passages: Passages | None = None
    """Told where each message goes."""

    async def __call__(self, message: Message) -> Outcome:
        """Return Stored once *message*, or an earlier copy, is on stable storage; else Unavailable."""
        started = asyncio.get_running_loop().time()
        result = await self.spool.commit(message, self._plan(message))
        if isinstance(result, Unavailable):
            log.warning("commit_failed", message_id=message.message_id, reason=result.reason, **message.identifiers)
            return result
        self.committed(asyncio.get_running_loop().time() - started)
        if self.passages is not None:
            is_duplicate = bool(result.earlier) and len(result.earlier) == len(self.destinations)
            is_duplicate = is_duplicate and all(each in KNOWN for each in result.earlier.values())
            self.passages[message.message_id] = (
                ",".join(self.destinations),
                0,
                "duplicate" if is_duplicate else "",
            )
        if result.earlier:
            _report(message, result.earlier)
        return Stored(is_committed=True)

    def _plan(self, message: Message) -> Plan:
        known = identity(message)
        return Plan(self.destinations, self.key_of(message), known.text, self.duplicate_window, known.by_content)


def _report(message: Message, earlier: Mapping[str, State]) -> None:
    """Log for each destination what became of the earlier copy, and whether the message is queued again."""
    for destination, state in earlier.items():
        log.info(
            "duplicate_recognised" if state in KNOWN else "duplicate_queued_again",
            message_id=message.message_id,
            destination=destination,
            earlier=str(state),
            **message.identifiers,
        )
