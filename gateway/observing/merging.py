"""Merges what the workers of a gateway have observed: a pure function, as if one process had seen it all."""

import time
from collections.abc import Callable, Mapping, Sequence

from gateway import __version__
from gateway.contract.observed import (
    CertificateSeen,
    NoticeSeen,
    Observed,
    PeerSeen,
    SilenceSeen,
)
from gateway.observing.combining import by_name, first, grouped, sums
from gateway.observing.merging_destinations import destination
from gateway.observing.peer_record import MEASURED

NOT_READY = "not ready"


def merged(parts: Sequence[Observed], missing: Sequence[int], now: Callable[[], float] = time.time) -> Observed:
    """Return the sum of *parts*; the workers without a part are *missing*."""
    states = {each["state"] for each in parts}
    return Observed(
        at=max((each["at"] for each in parts), default=now()),
        started_at=min((each["started_at"] for each in parts), default=now()),
        version=__version__,
        state=states.pop() if len(states) == 1 and not missing else NOT_READY,
        troubles=first(each["troubles"] for each in parts),
        missing_workers=list(missing),
        destinations=by_name((each["destinations"] for each in parts), destination),
        peers=grouped((each["peers"] for each in parts), lambda each: (each["listener"], each["peer"]), _peer),
        silence=grouped((each["silence"] for each in parts), lambda each: (each["listener"], each["peer"]), _silence),
        certificates=grouped((each["certificates"] for each in parts), lambda each: each["place"], _certificate),
        space=_space([space for each in parts if (space := each.get("space")) is not None]),
        parked=by_name((each["parked"] for each in parts), sums),
        spools_set_aside=sorted({name for each in parts for name in each["spools_set_aside"]}),
        undelivered=sums([each["undelivered"] for each in parts]),
        dropped=sums([each["dropped"] for each in parts]),
        dropped_at=by_name((each.get("dropped_at", {}) for each in parts), max),
    )


def _peer(parts: list[PeerSeen]) -> PeerSeen:
    latest = max(parts, key=lambda each: each["last_message"] or 0.0)
    known = [each["connections"] for each in parts if each["connections"] >= 0]
    return PeerSeen(
        peer=latest["peer"],
        listener=latest["listener"],
        address=latest["address"],
        connections=sum(known) if known else -1,
        last_message=latest["last_message"],
        messages=sum(each["messages"] for each in parts),
        stored=sum(each["stored"] for each in parts),
        refused=sum(each["refused"] for each in parts),
        unavailable=sum(each["unavailable"] for each in parts),
        duplicates=sum(each["duplicates"] for each in parts),
        notices=grouped((each["notices"] for each in parts), _sort_of_notice, _notice),
    )


def _sort_of_notice(notice: NoticeSeen) -> tuple[str, list[tuple[str, str]]]:
    return notice["cause"], sorted((name, each) for name, each in notice["details"].items() if name not in MEASURED)


def _notice(parts: list[NoticeSeen]) -> NoticeSeen:
    last = max(parts, key=lambda each: each["last"])
    return {**last, "first": min(each["first"] for each in parts), "count": sum(each["count"] for each in parts)}


def _silence(parts: list[SilenceSeen]) -> SilenceSeen:
    return max(parts, key=lambda each: each["since"] or 0.0)


def _certificate(parts: list[CertificateSeen]) -> CertificateSeen:
    return min(parts, key=lambda each: each["ends_at"])


def _space(parts: Sequence[Mapping[str, float]]) -> dict[str, float] | None:
    """Return the room of all: they share the disk, and each has its own part of the spool."""
    if not parts:
        return None
    least = {name: min(each.get(name, 0.0) for each in parts) for name in ("free",)}
    most = {name: max(each.get(name, 0.0) for each in parts) for name in ("min_free", "full")}
    return {**least, **most, **{name: sum(each.get(name, 0.0) for each in parts) for name in ("used", "limit")}}
