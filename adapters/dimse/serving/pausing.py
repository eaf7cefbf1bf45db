"""Pauses the reading of one peer: each pause is reported, and a timer ends those of the rate limit."""

import asyncio
from collections.abc import Callable

from adapters.dimse.serving.flow import Gate, Hold
from adapters.dimse.serving.report import Report
from adapters.dimse.serving.watch import Watch
from gateway.contract.limits import RateLimit
from gateway.contract.meter import Pause


class Pausing:
    """Stops and restarts the reading of a peer; after each restart *go_on* is called."""

    def __init__(self, gate: Gate, watch: Watch, report: Report, go_on: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._gate = gate
        self._watch = watch
        self._report = report
        self._go_on = go_on
        self._rate_timer: asyncio.TimerHandle | None = None

    def hold(self, hold: Hold) -> None:
        """Read nothing until *hold* is released."""
        if not self._gate.is_held(hold):
            self._report.paused(Pause(hold.value))
            self._gate.close(hold)

    def release(self, hold: Hold) -> None:
        """Read on, where *hold* was the last; the peer's time limits run again from now."""
        self._watch.active_at = self._loop.time()
        self._gate.open(hold)
        self._go_on()

    def slow_down(self, rate_limit: RateLimit, peer_ip: str, allowed: float = 0.0) -> None:
        """Read nothing until the rate limit, *allowed* messages a second, allows the next message of *peer_ip*."""
        now = self._loop.time()
        seconds = rate_limit.take(peer_ip, now)
        if not seconds:
            return
        self.hold(Hold.RATE)
        self._report.noticer.slowed(now, allowed, seconds)
        self.cancel()
        self._rate_timer = self._loop.call_at(now + seconds, self.release, Hold.RATE)

    def cancel(self) -> None:
        """Cancel the timer of the rate limit."""
        if self._rate_timer is not None:
            self._rate_timer.cancel()
