"""Where the pages get what they show: ``StatusSource``, or in a test what the test has made up."""

from typing import Protocol

from gateway.contract.observed import Observed, Status


class Source(Protocol):
    """What is observed and what follows from it: of this process, or of all workers together."""

    async def observed(self) -> Observed:
        """Return what is observed now."""
        ...

    async def status(self) -> Status:
        """Return the cases, destinations and peers of the first screen."""
        ...
