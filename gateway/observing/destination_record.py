"""What this process has observed of one destination: failures since the last success, and when the next try is.

A success, which is the usual, costs two attributes. Everything else happens only while something fails.
"""

import time
from collections.abc import Callable, Mapping

from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.health import UNMEASURED, Health, Measured
from gateway.contract.journal import hl7_type_of
from gateway.contract.message import Message
from gateway.contract.observed import DestinationSeen, Failing
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook
from gateway.observing.lone_failures import LoneFailures
from gateway.observing.refusals import Refusals

OF_MESSAGES = frozenset({Cause.MESSAGE_REFUSED, Cause.CLASS_REFUSED, Cause.POISON})
"""Causes that are about messages: the destination itself works."""
OF_REACHING = frozenset(
    {
        Cause.CONNECTION_REFUSED,
        Cause.NO_CONNECTION,
        Cause.NO_ROUTE_TO_HOST,
        Cause.NAME_UNKNOWN,
        Cause.PROXY_FAILED,
        Cause.CERTIFICATE_ENDED,
        Cause.CERTIFICATE_NOT_YET_VALID,
        Cause.CERTIFICATE_NAME,
        Cause.CERTIFICATE_ISSUER,
        Cause.CERTIFICATE_WANTED,
        Cause.CERTIFICATE_REFUSED,
        Cause.TLS_FAILED,
        Cause.SPEAKS_TLS,
        Cause.SPEAKS_NO_TLS,
        Cause.CREDENTIALS_FILE,
        Cause.CREDENTIALS_ENDPOINT,
    }
)
"""Causes that are over as soon as a probe reaches the destination."""
QUIET_SECONDS = 45.0
"""Without a failure for so long, a probe that the destination answers ends what else it cannot tell."""


class DestinationRecord:
    """One per destination and process; relay and commit mode share it."""

    def __init__(
        self,
        kind: str = "",
        address: str = "",
        store: object = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._kind, self._address, self._store, self._wall = kind, address, store, wall
        self._failing: Failing | None = None
        self._next_try: float | None = None
        self._refusals = Refusals()
        self._alone = LoneFailures()
        self.delivered = 0
        self.last_success: float | None = None
        self.is_plain = True
        """Whether nothing has failed that a success would change: then :meth:`stored` is all that a success needs."""

    @property
    def failing(self) -> Failing | None:
        """The failures since the last success."""
        return self._failing

    @property
    def next_try(self) -> float | None:
        """When it is tried next, as far as it is known."""
        return self._next_try

    def stored(self) -> None:
        """Record a message that it has taken."""
        self.delivered += 1
        self.last_success = self._wall()

    def answered(self, message: Message, outcome: Outcome) -> None:
        """Record what became of *message*."""
        if isinstance(outcome, Stored):
            self.took(message)
        else:
            self.missed(message, outcome)

    def took(self, message: Message) -> None:
        """Record that it has taken *message*: this ends what the message shows to be over."""
        self.stored()
        if self.is_plain:
            return
        self._works()
        self._refusals.taken(_what(message))
        self._alone.passed(message.message_id)
        self.is_plain = not self._refusals and not self._alone

    def missed(self, message: Message, outcome: Refused | Unavailable) -> None:
        """Record that it has not taken *message*."""
        now, is_final = self._wall(), outcome.outlook is Outlook.FINAL
        diagnosis = outcome.diagnosis
        cause = diagnosis.cause if diagnosis is not None else _cause_of(outcome, is_final=is_final)
        details = {} if diagnosis is None else diagnosis.details
        self.is_plain = False
        if cause in OF_MESSAGES:
            self._works()
            self._refusals.refused(_what(message), outcome, Diagnosis(cause, details), now)
            return
        is_alone = message.queued and self._alone.failed(message.message_id, self.delivered, now)
        if not is_alone:
            self._fails(cause, details, outcome.reason, now)

    def parked(self, message_id: str) -> None:
        """Record that a message is not tried any more."""
        self._alone.passed(message_id)

    def alone(self) -> set[str]:
        """Return the messages that fail while others pass."""
        return set(self._alone.tries(self.delivered))

    def next_in(self, seconds: float) -> None:
        """Record that it is tried again in so many seconds."""
        self._next_try = self._wall() + seconds

    def reached(self) -> None:
        """Record a probe that it has answered: this ends a failure to reach it.

        A probe carries no message. So it cannot show that a destination takes messages again which, for example,
        had no permission for us: that ends if nothing has failed for QUIET_SECONDS, and no try is due.
        """
        failing = self._failing
        if failing is not None and (failing["cause"] in OF_REACHING or self._is_quiet(failing)):
            self._works()

    def not_reached(self) -> None:
        """Record a probe that it has not answered."""
        if self._failing is not None and self._failing["cause"] in OF_REACHING:
            self._failing["last"] = self._wall()

    def _is_quiet(self, failing: Failing) -> bool:
        return self._wall() - max(failing["last"], self._next_try or 0.0) > QUIET_SECONDS

    def seen(self) -> DestinationSeen:
        """Return what is known, without what waits for it in the spool."""
        health = self._health()
        return DestinationSeen(
            kind=self._kind,
            address=self._address,
            available=True,
            failing=None if self._failing is None else self._failing.copy(),
            next_try=self._next_try,
            last_success=self.last_success,
            delivered=self.delivered,
            passed_since=self._alone.passed_since(self.delivered),
            poison=self._alone.tries(self.delivered),
            poison_since=self._alone.since(self.delivered),
            refused=self._refusals.counts(),
            refusals=self._refusals.seen(),
            phases=health.phases,
            clock_skew=health.clock_skew,
            waiting=0,
            parked=0,
            parked_since=None,
            oldest=None,
        )

    def _health(self) -> Health:
        return self._store.health() if isinstance(self._store, Measured) else UNMEASURED

    def _works(self) -> None:
        self._failing = self._next_try = None

    def _fails(self, cause: Cause, details: Mapping[str, str], reason: str, now: float) -> None:
        failing = self._failing
        if failing is None:
            failing = self._failing = Failing(cause="", details={}, reason="", since=now, last=now, count=0)
        failing["cause"], failing["details"], failing["reason"] = cause.value, dict(details), reason
        failing["last"] = now
        failing["count"] += 1


def _cause_of(outcome: Refused | Unavailable, *, is_final: bool) -> Cause:
    """Return the cause of an outcome without a diagnosis."""
    return Cause.MESSAGE_REFUSED if isinstance(outcome, Refused) and is_final else Cause.UNKNOWN


def _what(message: Message) -> str:
    """Return the sort of a message: its SOP class or its type; what is no type may be anything, also a patient."""
    facts = message.facts
    return facts.get("sop_class_uid") or hl7_type_of(facts) or facts.get("resource_type") or "message"
