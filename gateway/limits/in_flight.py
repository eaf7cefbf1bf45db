"""The limit of message memory that all peers of the process share: which connections pause reading, and which go on.

While all connections together hold more than the limit, each one that holds more than SMALL pauses until there is room
again; connections with small messages go on beside a few large ones. A paused connection may be in the middle of a
message that only more octets from the peer can complete, so that all could wait for ever. Therefore one of them, the
*favourite*, goes on until it holds less again, because one of its messages is done; the next favourite is the one that
has waited longest. So the limit can be exceeded by small messages, by one large message, and by one read of each other
connection.
"""

from collections.abc import Callable

SMALL = 64 * 1024
"""Octets that each connection may hold in any case."""


class InFlight:
    """Counts the octets of messages in memory and pauses connections while there are more than *limit*."""

    def __init__(self, limit: int) -> None:
        self.octets = 0
        """Octets that all connections hold."""
        self.favourite: InFlightAccount | None = None
        self.waiting: dict[InFlightAccount, None] = {}  # in the order in which they began
        self.limit = limit

    @property
    def is_over(self) -> bool:
        """Whether the limit is exceeded."""
        return self.octets > self.limit

    @property
    def is_exhausted(self) -> bool:
        """Whether pausing was not enough: even without the favourite, the limit is exceeded by more than a quarter."""
        if self.octets <= self.limit:
            return False
        favoured = self.favourite.held if self.favourite is not None else 0
        return self.octets - favoured > self.limit + self.limit // 4

    def account(self, pause: Callable[[], None], resume: Callable[[], None]) -> "InFlightAccount":
        """Return the account of a new connection; *pause* and *resume* stop and restart its reading."""
        return InFlightAccount(self, pause, resume)

    def settle(self, account: "InFlightAccount", *, has_less: bool) -> None:
        """Pause or resume *account*, whose octets have changed, and resume others if there is room now."""
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
        """Resume waiting connections while there is room; if there is none, make the longest-waiting the favourite."""
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
    """The octets that one connection holds; see ``gateway.contract.limits.Account``."""

    __slots__ = ("_shared", "held", "pause", "resume")

    def __init__(self, shared: InFlight, pause: Callable[[], None], resume: Callable[[], None]) -> None:
        self._shared = shared
        self.held = 0
        self.pause = pause
        self.resume = resume

    @property
    def is_waiting(self) -> bool:
        """Whether ``pause`` was called and ``resume`` not yet."""
        return self in self._shared.waiting

    def update(self, held: int) -> None:
        """Set how many octets the connection holds now."""
        shared = self._shared
        change = held - self.held
        shared.octets += change
        self.held = held
        if shared.waiting or shared.octets > shared.limit:
            shared.settle(self, has_less=change < 0)
        elif self is shared.favourite:
            shared.favourite = None
