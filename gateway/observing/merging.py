"""Merges what the workers of a gateway have observed: a pure function, as if one process had seen it all."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, TypeVar

from gateway import __version__
from gateway.contract.observed import (
    CertificateSeen,
    DestinationSeen,
    Failing,
    NoticeSeen,
    Observed,
    PeerSeen,
    RefusalSeen,
    SilenceSeen,
)

T = TypeVar("T")
NOT_READY = "not ready"


def merged(parts: Sequence[Observed], missing: Sequence[int], now: Callable[[], float] = time.time) -> Observed:
    """Return the sum of *parts*; the workers without a part are *missing*."""
    states = {each["state"] for each in parts}
    return Observed(
        at=max((each["at"] for each in parts), default=now()),
        started_at=min((each["started_at"] for each in parts), default=now()),
        version=__version__,
        state=states.pop() if len(states) == 1 and not missing else NOT_READY,
        troubles=_first(each["troubles"] for each in parts),
        missing_workers=list(missing),
        destinations=_by_name((each["destinations"] for each in parts), _destination),
        peers=_grouped((each["peers"] for each in parts), lambda each: (each["listener"], each["peer"]), _peer),
        silence=_grouped((each["silence"] for each in parts), lambda each: (each["listener"], each["peer"]), _silence),
        certificates=_grouped((each["certificates"] for each in parts), lambda each: each["place"], _certificate),
        space=_space([space for each in parts if (space := each.get("space")) is not None]),
        parked=_by_name((each["parked"] for each in parts), _sum),
        spools_set_aside=sorted({name for each in parts for name in each["spools_set_aside"]}),
        undelivered=_sum([each["undelivered"] for each in parts]),
        dropped=_sum([each["dropped"] for each in parts]),
        dropped_at=_by_name((each.get("dropped_at", {}) for each in parts), max),
    )


def _first(parts: Iterable[Mapping[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in parts:
        found = {**part, **found}
    return found


def _sum(parts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in parts:
        for name, count in part.items():
            found[name] = found.get(name, 0) + count
    return found


def _by_name(parts: Iterable[Mapping[str, T]], merge: Callable[[list[T]], T]) -> dict[str, T]:
    found: dict[str, list[T]] = {}
    for part in parts:
        for name, each in part.items():
            found.setdefault(name, []).append(each)
    return {name: merge(each) for name, each in found.items()}


def _grouped(parts: Iterable[Iterable[T]], key: Callable[[T], Any], merge: Callable[[list[T]], T]) -> list[T]:
    every = sorted((each for part in parts for each in part), key=key)
    return [merge(list(group)) for _, group in groupby(every, key)]


def _latest(values: Iterable[float | None]) -> float | None:
    return max((each for each in values if each is not None), default=None)


def _earliest(values: Iterable[float | None]) -> float | None:
    return min((each for each in values if each is not None), default=None)


def _destination(parts: list[DestinationSeen]) -> DestinationSeen:
    failing = _failing(parts)
    ailing = [each for each in parts if each["failing"] is not None] if failing else parts
    busiest = max(parts, key=lambda each: each["last_success"] or 0.0)
    refusals = _grouped(
        (each.get("refusals", []) for each in parts), lambda each: (each["what"], each["code"]), _refusal
    )
    return DestinationSeen(
        kind=parts[0]["kind"],
        address=parts[0]["address"],
        available=all(each["available"] for each in ailing) if failing else True,
        failing=failing,
        next_try=_earliest(each["next_try"] for each in ailing) if failing else None,
        last_success=_latest(each["last_success"] for each in parts),
        delivered=sum(each["delivered"] for each in parts),
        passed_since=sum(each["passed_since"] for each in parts),
        poison={name: tries for each in parts for name, tries in each["poison"].items()},
        poison_since=_earliest(each.get("poison_since") for each in parts),
        refused=_sum([each["refused"] for each in parts]),
        refusals=refusals,
        phases=busiest["phases"],
        clock_skew=busiest["clock_skew"],
        waiting=sum(each["waiting"] for each in parts),
        parked=sum(each["parked"] for each in parts),
        parked_since=_earliest(each.get("parked_since") for each in parts),
        oldest=_earliest(each["oldest"] for each in parts),
    )


def _failing(parts: Sequence[DestinationSeen]) -> Failing | None:
    """Return the failures of all workers together; None if any of them has had a success since the last one."""
    every = [failing for each in parts if (failing := each["failing"]) is not None]
    if not every:
        return None
    last = max(every, key=lambda each: each["last"])
    if (_latest(each["last_success"] for each in parts) or 0.0) > last["last"]:
        return None
    since, count = min(each["since"] for each in every), sum(each["count"] for each in every)
    return {**last, "since": since, "count": count}


def _refusal(parts: list[RefusalSeen]) -> RefusalSeen:
    last = max(parts, key=lambda each: each["last"])
    return {**last, "first": min(each["first"] for each in parts), "count": sum(each["count"] for each in parts)}


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
        notices=_grouped((each["notices"] for each in parts), _sort_of_notice, _notice),
    )


def _sort_of_notice(notice: NoticeSeen) -> tuple[str, list[tuple[str, str]]]:
    return notice["cause"], sorted(notice["details"].items())


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
