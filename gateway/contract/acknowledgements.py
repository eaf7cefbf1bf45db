"""Passes acknowledgements that come in at a listener to the destinations that wait for them.

In HL7's enhanced mode the application acknowledgement of a message may come as a message of its own, on a connection
that the receiver opens.
"""

from collections.abc import Callable

Hear = Callable[[bytes, str], Callable[[], None] | None]
"""Called with an acknowledgement and the address of the peer that sent it. Returns a function that credits it, or None
if it cannot be about a message of this destination."""


class Acknowledgements:
    """What the listeners and destinations of one process share. Nobody has to listen."""

    def __init__(self) -> None:
        self._hearers: list[Hear] = []

    def subscribe(self, hear: Hear) -> None:
        """Ask *hear* about each acknowledgement."""
        self._hearers.append(hear)

    def tell(self, acknowledgement: bytes, peer_ip: str) -> None:
        """Credit an acknowledgement that *peer_ip* has sent, if it can be about a message of one destination only."""
        found = [credit for hear in self._hearers if (credit := hear(acknowledgement, peer_ip)) is not None]
        if len(found) == 1:
            found[0]()
