"""Passes acknowledgements that come in at a listener to the destinations that wait for them.

In HL7's enhanced mode the application acknowledgement of a message may come as a message of its own, on a connection
that the receiver opens.
"""

from collections.abc import Callable

Hear = Callable[[bytes, str], None]
"""Called with an acknowledgement and the address of the peer that sent it."""


class Acknowledgements:
    """What the listeners and destinations of one process share. Nobody has to listen."""

    def __init__(self) -> None:
        self._hearers: list[Hear] = []

    def subscribe(self, hear: Hear) -> None:
        """Call *hear* for each acknowledgement."""
        self._hearers.append(hear)

    def tell(self, acknowledgement: bytes, peer_ip: str) -> None:
        """Tell all destinations of an acknowledgement that *peer_ip* has sent."""
        for hear in self._hearers:
            hear(acknowledgement, peer_ip)
