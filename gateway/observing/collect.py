"""Collects what this process has observed, at the moment of asking."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gateway import __version__
from gateway.contract.observed import CertificateSeen, DestinationSeen, Observed, PeerSeen, SilenceSeen
from gateway.observing.destination_record import DestinationRecord
from gateway.observing.losses import Losses
from gateway.spool.interface import Selection, Space, Spool, SpoolError, State, Total
from gateway.spool.operating.destinations import waiting_for_nobody

MOST_LOOKED_AT = 1000
"""Waiting messages of a destination among which those that fail alone are looked for."""


class Available(Protocol):
    """Whether a destination takes messages, and its record: ``gateway.flow.availability``."""

    record: DestinationRecord

    @property
    def is_available(self) -> bool:
        """Whether it has not failed several times in a row."""


class Ready(Protocol):
    """The readiness of the process: ``gateway.admin.server``."""

    @property
    def state(self) -> str:
        """The state as one word."""

    @property
    def troubles(self) -> Mapping[str, str]:
        """What is wrong, by part."""


@dataclass(slots=True)
class Collector:
    """Where each part of what a process has observed comes from."""

    readiness: Ready
    destinations: Mapping[str, Available]
    spool: Spool | None = None
    peers: Callable[[], Sequence[PeerSeen]] = list
    silence: Callable[[], Sequence[SilenceSeen]] = list
    certificates: Callable[[], Sequence[CertificateSeen]] = list
    losses: Losses = field(default_factory=Losses)
    wall: Callable[[], float] = time.time
    started_at: float = 0.0

    def __post_init__(self) -> None:
        self.started_at = self.started_at or self.wall()

    async def observed(self) -> Observed:
        """Return all of it. A spool that cannot be read just now is left out: it reports its trouble elsewhere."""
        now = self.wall()
        await self._forget_settled()
        totals = await self._totals()
        space = await self._space()
        dropped, dropped_at = self.losses.look(now)
        return Observed(
            at=now,
            started_at=self.started_at,
            version=__version__,
            state=self.readiness.state,
            troubles=dict(self.readiness.troubles),
            missing_workers=[],
            destinations={name: _with_totals(name, each, totals) for name, each in self.destinations.items()},
            peers=list(self.peers()),
            silence=list(self.silence()),
            certificates=list(self.certificates()),
            space=None if space is None else _as_figures(space),
            parked=await self._parked(totals),
            spools_set_aside=[] if self.spool is None else await self.spool.set_aside(),
            undelivered=waiting_for_nobody(totals, self.destinations),
            dropped=dropped,
            dropped_at=dropped_at,
        )

    async def _forget_settled(self) -> None:
        """Forget messages that failed alone and do not wait any more: an operator may have discarded or moved them."""
        for name, destination in self.destinations.items():
            alone = destination.record.alone()
            if self.spool is None or not alone:
                continue
            try:
                page = await self.spool.find(Selection(destination=name, state=State.WAITING), limit=MOST_LOOKED_AT)
            except SpoolError:
                continue
            if len(page.records) < MOST_LOOKED_AT:
                for message_id in alone - {each.message_id for each in page.records}:
                    destination.record.parked(message_id)

    async def _totals(self) -> list[Total]:
        try:
            return [] if self.spool is None else await self.spool.totals()
        except SpoolError:
            return []

    async def _space(self) -> Space | None:
        try:
            return None if self.spool is None else await self.spool.space()
        except (SpoolError, OSError):
            return None

    async def _parked(self, totals: Sequence[Total]) -> dict[str, dict[str, int]]:
        """Return by destination and reason how many messages are parked; the reasons are asked for only if any is."""
        if self.spool is None or not any(each.count for each in totals if each.state is State.PARKED):
            return {}
        try:
            found = await self.spool.totals_by_reason(Selection(state=State.PARKED))
        except SpoolError:
            return {}
        parked: dict[str, dict[str, int]] = {}
        for each in found:
            reasons = parked.setdefault(each.destination, {})
            reason = each.reason or "no reason is recorded"
            reasons[reason] = reasons.get(reason, 0) + each.count
        return parked


def _with_totals(name: str, destination: Available, totals: Sequence[Total]) -> DestinationSeen:
    seen = destination.record.seen()
    seen["available"] = destination.is_available
    for each in totals:
        if each.destination != name:
            continue
        if each.state is State.WAITING:
            seen["waiting"] += each.count
            seen["oldest"] = each.oldest if each.count else None
        elif each.state is State.PARKED:
            seen["parked"] += each.count
            seen["parked_since"] = each.oldest if each.count else None
    return seen


def _as_figures(space: Space) -> dict[str, float]:
    return {
        "free": space.free,
        "min_free": space.min_free_bytes,
        "used": space.held,
        "limit": space.max_bytes,
        "full": float(space.limit is not None),
    }
