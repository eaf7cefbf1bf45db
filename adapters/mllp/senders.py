"""Who sends to a listener, and what: the journal is told of it without the headers of the messages."""

from collections.abc import Mapping

from adapters.hl7.facts import Facts
from gateway.contract.journal import Names, Signature, names_of

MOST_KNOWN = 1_000
LONGEST_SIGNATURE = 250
"""Octets of a signature that is remembered: a sender may make as many as it likes."""


class Senders:
    """What is known of the senders of one listener.

    The header of a sender's second message of a type is read here, and no other: those that invent a name or a type for
    each message are read by the journal's thread, and cost the event loop nothing.
    """

    def __init__(self) -> None:
        self.known: dict[Signature | None, Names | None] = {}
        """By signature, what is known; looked up for each message. Never has anything for messages without one."""

    def told(self, facts: Facts) -> Mapping[str, str] | Names:
        """Return what the journal is told of a message that is not known: its *facts*, or the names of all alike."""
        signature = facts.signature()  # before they are read: there is none afterwards
        if signature is None:
            return facts
        if signature in self.known:
            listener, peer, kind = names_of(facts)
            if peer == facts.get("peer_ip"):  # another peer without a name has another address
                peer = ""
            names = self.known[signature] = listener, peer, kind
            return names
        if sum(map(len, signature)) <= LONGEST_SIGNATURE:
            if len(self.known) >= MOST_KNOWN:
                self.known.clear()
            self.known[signature] = None
        return facts
