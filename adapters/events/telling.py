"""Log lines about what a listener fetches."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from adapters.events.pauses import is_told
from gateway.contract.outcome import Outcome, Refused, Stored

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells of resources by their names in the store."""

    listener: str
    naming: Callable[[str], Mapping[str, str]]
    """Returns the fields of a log line that name a resource, and no patient."""

    def gone(self, name: str) -> None:
        """Tell that the store has a resource no longer of which it has told."""
        log.warning("source_message_gone", listener=self.listener, **self.naming(name))

    def late(self, name: str) -> None:
        """Tell that newer messages were delivered before this one."""
        log.warning("source_message_late", listener=self.listener, **self.naming(name))

    def skipped(self, name: str, outcome: Outcome, attempt: int) -> None:
        """Tell that a resource is given up, because the settings say so."""
        reason = "" if isinstance(outcome, Stored) else outcome.reason
        log.error("source_message_skipped", listener=self.listener, **self.naming(name), reason=reason, attempt=attempt)

    def held(self, name: str, outcome: Outcome, attempt: int, pause: float) -> None:
        """Tell that a resource cannot be passed on now."""
        if is_told(attempt) and not isinstance(outcome, Stored):
            log.warning(
                "source_message_held",
                listener=self.listener,
                **self.naming(name),
                outcome="refused" if isinstance(outcome, Refused) else "unavailable",
                reason=outcome.reason,
                attempt=attempt,
                again_in=round(pause, 3),
            )
