"""Where a promise ends, applied to what happened; ``promises`` says it in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.campaign.history import Death
from tests.campaign.promises import Promise
from tests.campaign.story import Message


@dataclass(frozen=True, slots=True)
class Bounds:
    """The promises of one run."""

    promises: Mapping[str, Promise]
    deaths: Sequence[Death]
    several_queues: bool
    """Whether a sender may come to another queue when a process has died."""

    def died_between(self, begin: float, end: float) -> bool:
        """Whether a process died then."""
        return any(begin <= death.at <= end for death in self.deaths)

    def may_change_queue(self, begin: float, end: float) -> bool:
        """Whether two messages of these times may be in two queues."""
        return self.several_queues and self.died_between(begin, end)

    def is_relayed(self, message: Message) -> bool:
        """Whether nothing of *message* is kept by the gateway."""
        return not self.promises[message.first.entrance].commit

    def excuse_order(self, begin: float, end: float, late: Iterable[Message]) -> bool:
        """Whether *late* messages, sent at *begin* and kept at *end*, may come after newer ones."""
        # An abandoned try of a relayed message may still be under way when its repetition has long been answered.
        abandoned = any(self.is_relayed(message) and len(message.tries) > 1 for message in late)
        return abandoned or self.may_change_queue(begin, end)
