"""Finds messages that come back from where they were sent: HL7 has no count of hops.

A message is a loop if the receiver has taken the same octets from elsewhere within an hour, and they now come in from
the receiver's own address. Where they came from there at first, too, the sender may only have missed the answer, or
sends the same test message again and again: then they are a loop only if they come faster than either.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from hashlib import sha256

from gateway.contract.outcome import Refused

MOST_REMEMBERED = 10_000
"""Most messages to remember; then those that were stored least recently are forgotten."""
RESENDS = 3
"""How often within RESENDS_SECONDS a receiver may take the same octets that come from its own address each time."""
RESENDS_SECONDS = 60.0
"""A test message is sent once a minute or less often; a message that circles comes every few seconds or faster."""
LOOP_SECONDS = 3600.0
"""How long it is remembered that a receiver has taken octets that came from elsewhere."""
LOOP = Refused(
    "the message comes back from where the route would send it, which has it already: a loop; correct the routes",
    code="207",
)


@dataclass(slots=True)
class _Stored:
    source: str
    at: deque[float] = field(default_factory=lambda: deque(maxlen=RESENDS))
    """When it was stored the last times."""


class Loops:
    """What one receiver has stored, by digest. Times are seconds of one clock."""

    def __init__(self) -> None:
        self._stored: OrderedDict[bytes, _Stored] = OrderedDict()

    def is_loop(self, payload: bytes, source: str, now: float, *, is_from_receiver: bool) -> bool:
        """Whether *payload*, which came from the address *source*, was stored by the receiver that sends it."""
        if not is_from_receiver:
            return False
        known = self._stored.get(sha256(payload).digest())
        if known is None:
            return False
        if known.source != source:
            return now - known.at[-1] < LOOP_SECONDS
        return len(known.at) == RESENDS and now - known.at[0] < RESENDS_SECONDS

    def stored(self, payload: bytes, source: str, now: float) -> None:
        """Remember that the receiver has *payload*."""
        digest = sha256(payload).digest()
        known = self._stored.get(digest)
        if known is None or now - known.at[-1] >= LOOP_SECONDS:
            known = self._stored[digest] = _Stored(source)
        known.at.append(now)
        self._stored.move_to_end(digest)
        while len(self._stored) > MOST_REMEMBERED:
            self._stored.popitem(last=False)
