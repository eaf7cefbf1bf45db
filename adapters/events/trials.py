"""How often one message may be tried before ``on_refused`` decides: what ``max_retries`` is in the spool.

Nobody waits for the outcome of a message that was fetched, so it is sent again where a sender would do so. But each
attempt whose outcome is not known may have stored it, so such attempts become rarer, and have an end.
"""

from dataclasses import dataclass

from adapters.events.pauses import pause_after
from gateway.contract.outcome import NO_ROUTE, Outcome, Stored, Unavailable
from gateway.contract.outlook import Outlook

MOST_UNANSWERED, UNANSWERED_SECONDS = 20, 3600.0
"""An attempt that may have stored the message is the last one if it is the 20th, and an hour after the first."""
MOST_DOUBTFUL = 10
"""The same for attempts whose answer will probably be the same later."""
CEILING, UNANSWERED_CEILING = 60.0, 300.0
HELD_SECONDS = 3600.0
"""With `hold`, how often a message is still sent that may be stored: each time may be another copy."""


@dataclass(slots=True)
class Trial:
    """The attempts to deliver one message."""

    maybe_stored: bool = False
    """Whether an earlier attempt may have stored it."""
    unanswered: int = 0
    doubtful: int = 0
    began: float = 0.0
    """When the first attempt failed that may have stored it."""

    def is_over(self, outcome: Outcome, now: float) -> bool:
        """Count an attempt; return whether ``on_refused`` decides what follows."""
        if isinstance(outcome, Stored) or outcome is NO_ROUTE:
            return False
        if isinstance(outcome, Unavailable) and outcome.maybe_stored:
            self.began = self.began if self.unanswered else now
            self.maybe_stored, self.unanswered = True, self.unanswered + 1
        if outcome.outlook is Outlook.DOUBTFUL:
            self.doubtful += 1
        is_unanswered = self.unanswered >= MOST_UNANSWERED and now - self.began >= UNANSWERED_SECONDS
        return outcome.outlook is Outlook.FINAL or is_unanswered or self.doubtful >= MOST_DOUBTFUL

    def pause(self, outcome: Outcome, attempt: int, *, is_over: bool) -> float:
        """Return how long to wait after the failed *attempt*."""
        retry_after = getattr(outcome, "retry_after", None)
        if not (isinstance(outcome, Unavailable) and outcome.maybe_stored):
            return pause_after(attempt, CEILING, retry_after)
        return HELD_SECONDS if is_over else pause_after(self.unanswered, UNANSWERED_CEILING, retry_after)
