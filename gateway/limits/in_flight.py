"""The memory that all peers of the process share: who must pause before it runs out, and who may go on.

While the connections together hold more than the limit, each that has more than SMALL must wait until there is room
again: those with small messages are served on beside a few large ones. A connection that waits may be in the middle of
a message that only the peer can complete, so that all could wait for ever. Therefore one of them, the *favourite*, goes
on until it holds less again, because a message of it is done; then it is the turn of the one that has waited longest.
So the limit is passed by the small ones and by one large message, and by the others with no more than one read each.
"""

from collections.abc import Callable

SMALL = 64 * 1024
"""Octets that a connection may hold whatever the others do."""


class InFlight:
    """The octets of messages that are held in memory, against *limit*."""

    def __init__(self, limit: int) -> None:
        self.octets = 0
        """Of all connections."""
        self.favourite: InFlightAccount | None = None
        self.waiting: dict[InFlightAccount, None] = {}  # in the order in which they began
        self.limit = limit

    @property
    def is_over(self) -> bool:
        """Whether there is more than the limit."""
        return self.octets > self.limit

    @property
    def is_exhausted(self) -> bool:
        """Whether pausing was not enough: without the favourite, too, it is a quarter too many."""
        if self.octets <= self.limit:
            return False
        favoured = self.favourite.held if self.favourite is not None else 0
        return self.octets - favoured > self.limit + self.limit // 4

    def account(self, pause: Callable[[], None], resume: Callable[[], None]) -> "InFlightAccount":
        """Return the account of a new connection; *pause* and *resume* stop and restart its reading."""
        return InFlightAccount(self, pause, resume)

    def settle(self, account: "InFlightAccount", *, has_less: bool) -> None:
        """Let *account*, whose holding has changed, wait or go on; and others, when it has left room."""
        is_large = self.is_over and account.held > SMALL
        if account is self.favourite:
            if is_large and not (has_less and self.waiting):
                return
            self.favourite = None
        elif is_large and self.favourite is None and not self.waiting:
            self.favourite = account
        if is_large and account is not self.favourite:
            self._stop(account)
        elif account in self.waiting:
            self._go_on(account)
        self._call_in()

    def _call_in(self) -> None:
        """Let those go on for whom there is room, or else one of them, whichever has waited longest."""
        while self.waiting and not self.is_over:
            self._go_on(next(iter(self.waiting)))
        if self.waiting and self.favourite is None:
            self.favourite = next(iter(self.waiting))
            self._go_on(self.favourite)

    def _stop(self, account: "InFlightAccount") -> None:
        if account not in self.waiting:
            self.waiting[account] = None
            account.pause()

    def _go_on(self, account: "InFlightAccount") -> None:
        del self.waiting[account]
        account.resume()


class InFlightAccount:
    """What one connection holds; see ``gateway.contract.limits.Account``."""

    __slots__ = ("_shared", "held", "pause", "resume")

    def __init__(self, shared: InFlight, pause: Callable[[], None], resume: Callable[[], None]) -> None:
        self._shared = shared
        self.held = 0
        self.pause = pause
        self.resume = resume

    @property
    def is_waiting(self) -> bool:
        """Whether it was told to pause and not yet to resume."""
        return self in self._shared.waiting

    def update(self, held: int) -> None:
        """Tell how many octets the connection holds now."""
        shared = self._shared
        change = held - self.held
        shared.octets += change
        self.held = held
        if shared.waiting or shared.octets > shared.limit:
            shared.settle(self, has_less=change < 0)
        elif self is shared.favourite:
            shared.favourite = None
