"""Finds messages that come back from where they were sent: HL7 has no count of hops.

A message is a loop if the receiver has taken the same octets from elsewhere within an hour, and they now come in from
the receiver's own address. Where they came from there at first, too, the sender may only have missed the answer, or
sends the same test message again and again: then they are a loop only if they come faster than either.
"""

from collections import OrderedDict
from hashlib import sha256

from gateway.contract.causes import Cause, Diagnosis
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
    diagnosis=Diagnosis(Cause.MESSAGE_REFUSED, {"code": "207"}),
)


def digest_of(payload: bytes) -> bytes:
    """Return what stands for the octets of a message."""
    return sha256(payload).digest()


class Loops:
    """What one receiver has stored, by :func:`digest_of`. Times are seconds of one clock."""

    def __init__(self) -> None:
        self._stored: OrderedDict[bytes, tuple[str, tuple[float, ...]]] = OrderedDict()
        """The source of each message, and when it was stored the last RESENDS times."""

    def is_loop(self, digest: bytes, source: str, now: float) -> bool:
        """Whether the receiver has stored a message of this *digest* that now comes from its own address, *source*."""
        known = self._stored.get(digest)
        if known is None:
            return False
        first_source, times = known
        if first_source != source:
            return now - times[-1] < LOOP_SECONDS
        return len(times) == RESENDS and now - times[0] < RESENDS_SECONDS

    def stored(self, digest: bytes, source: str, now: float) -> None:
        """Remember that the receiver has a message of this *digest*, which came from the address *source*."""
        first_source, times = self._stored.pop(digest, (source, ()))
        if times and now - times[-1] >= LOOP_SECONDS:
            first_source, times = source, ()
        self._stored[digest] = first_source, (*times, now)[-RESENDS:]
        while len(self._stored) > MOST_REMEMBERED:
            self._stored.popitem(last=False)
