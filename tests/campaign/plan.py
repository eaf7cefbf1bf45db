"""What a campaign is made of, all of it from one seed: how long, how many, how often."""

import random
import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from tests.ports import free_port

FIRST = int(IPv4Address("127.16.0.0"))
POISON = "666"
"""The last part of the names of messages that the stores refuse to take (500) before the very end."""


def is_poison(name: str) -> bool:
    """Whether a store has trouble with the message of this control ID or SOP Instance UID."""
    return re.split(r"[.-]", name)[-1] == POISON  # a sender's message number 666 is none


@dataclass(frozen=True, slots=True)
class Plan:
    """One campaign."""

    seed: int
    seconds: float
    workers: int
    strict: bool = False
    """With several workers, whether order has to hold across the death of a process, too."""
    kill_pauses: tuple[float, float] = (2.0, 12.0)
    """Seconds between two deaths, at least and at most."""
    most_pending: int = 400
    """Senders pause while more than this waits for the stores."""
    senders: int = 4
    """HL7 senders of each entrance."""
    modalities: int = 3
    """DICOM senders in commit mode; one more relays."""
    standstill_seconds: float = 200.0
    """How long nothing may arrive at the end while something is waited for. A message that failed often pauses 60 s."""

    def chance(self, who: str) -> random.Random:
        """Return a source of randomness of its own for each part, so that one does not disturb the other."""
        return random.Random(f"{self.seed} {self.workers} {who}")


@dataclass(frozen=True, slots=True)
class Network:
    """Loopback addresses and ports of one campaign: several may run on one machine at once."""

    base: int = field(default_factory=lambda: FIRST + 256 * random.SystemRandom().randrange(50_000))

    @property
    def host(self) -> str:
        """The address of the gateway and of the stores."""
        return str(IPv4Address(self.base + 1))

    def sender(self, number: int) -> str:
        """Return the address of a sender."""
        return str(IPv4Address(self.base + 10 + number))

    def port(self) -> int:
        """Return a port that stays the same when the gateway comes back."""
        return free_port()
