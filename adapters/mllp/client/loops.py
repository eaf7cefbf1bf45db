"""Finds messages that come back from where they were sent: HL7 has no count of hops.

A message is a loop if the receiver has taken the same octets before, and they now come in from the receiver's own
address. Where they came from there at first, too, the sender may only have missed the answer, so a few are let through.
"""

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256

from gateway.contract.outcome import Refused

MOST_REMEMBERED = 10_000
"""Most messages to remember; then those that were stored least recently are forgotten."""
RESENDS = 3
"""How often a receiver may take the same octets that come from its own address each time."""
LOOP = Refused(
    "the message comes back from where the route would send it, which has it already: a loop; correct the routes",
    code="207",
)


@dataclass(slots=True)
class _Stored:
    source: str
    times: int = 0


class Loops:
    """What one receiver has stored, by digest."""

    def __init__(self) -> None:
        self._stored: OrderedDict[bytes, _Stored] = OrderedDict()

    def is_loop(self, payload: bytes, source: str, *, is_from_receiver: bool) -> bool:
        """Whether *payload*, which came from the address *source*, was stored by the receiver that sends it."""
        if not is_from_receiver:
            return False
        known = self._stored.get(sha256(payload).digest())
        return known is not None and (known.source != source or known.times >= RESENDS)

    def stored(self, payload: bytes, source: str) -> None:
        """Remember that the receiver has *payload*."""
        digest = sha256(payload).digest()
        known = self._stored.setdefault(digest, _Stored(source))
        known.times += 1
        self._stored.move_to_end(digest)
        while len(self._stored) > MOST_REMEMBERED:
            self._stored.popitem(last=False)
