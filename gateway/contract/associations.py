"""What a listener remembers of an association, so that it can be explained afterwards: no octet of an instance.

The listener makes one when it answers a request, and changes it while the association lasts.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple, TypedDict

MOST_CONTEXTS = 64
"""Presentation contexts of one association that are kept; a peer may propose 128."""
MOST_SYNTAXES = 8
"""Transfer syntaxes of one presentation context that are kept."""


class ContextAnswer(NamedTuple):
    """A presentation context as it was proposed, and the answer."""

    number: int
    """Its ID: an odd number."""
    sop_class: str
    transfer_syntaxes: tuple[str, ...]
    result: int
    """PS3.8 table 9-18: 0, accepted; 3, the SOP class is not; 4, none of the transfer syntaxes is."""
    transfer_syntax: str
    """The one that was accepted."""
    is_storage: bool
    """Whether the SOP class is one that stores."""


class ContextSeen(TypedDict):
    """A presentation context in ``/api/v1/associations``."""

    number: int
    sop_class: str
    transfer_syntaxes: list[str]
    result: int
    transfer_syntax: str
    is_storage: bool
    stored: int
    """Instances in this SOP class and transfer syntax that were stored, or committed."""
    failed: int
    """Those that were not."""


class AssociationSeen(TypedDict):
    """An association in ``/api/v1/associations``. Times are seconds since the epoch."""

    at: float
    listener: str
    peer: str
    address: str
    called: str
    entry: str
    """The key in ``peers`` of the listener whose settings applied; empty if none did."""
    refusal: str
    """Why it was rejected: ``called_ae_title``, ``connection_limit``, …; empty if it was accepted."""
    accepted: list[str]
    """What would have been accepted in place of what was refused, such as AE titles."""
    contexts: list[ContextSeen]
    more_contexts: int
    """How many further contexts were proposed."""
    ended: str
    """How it ended: ``released``, ``peer_aborted``, …; empty while it lasts."""
    ended_at: float | None


@dataclass(slots=True, eq=False)
class Association:
    """One association, as it goes on."""

    at: float
    listener: str
    peer: str
    """The calling AE title."""
    address: str
    """``ip:port``."""
    called: str
    entry: str = ""
    refusal: str = ""
    accepted: tuple[str, ...] = ()
    contexts: tuple[ContextAnswer, ...] = ()
    more_contexts: int = 0
    ended: str = ""
    ended_at: float | None = None
    answers: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    """By SOP class, transfer syntax, and whether they are stored: instances that were answered."""

    def seen(self) -> AssociationSeen:
        """Return it as the admin port sends it."""
        return AssociationSeen(
            at=self.at,
            listener=self.listener,
            peer=self.peer,
            address=self.address,
            called=self.called,
            entry=self.entry,
            refusal=self.refusal,
            accepted=list(self.accepted),
            contexts=[self._context(each) for each in self.contexts],
            more_contexts=self.more_contexts,
            ended=self.ended,
            ended_at=self.ended_at,
        )

    def _context(self, context: ContextAnswer) -> ContextSeen:
        place = context.sop_class, context.transfer_syntax
        return ContextSeen(
            number=context.number,
            sop_class=context.sop_class,
            transfer_syntaxes=list(context.transfer_syntaxes),
            result=context.result,
            transfer_syntax=context.transfer_syntax,
            is_storage=context.is_storage,
            stored=self.answers[*place, True] if context.result == 0 else 0,
            failed=self.answers[*place, False] if context.result == 0 else 0,
        )
