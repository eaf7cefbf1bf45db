"""Merges what several workers have observed of one destination."""

from collections.abc import Sequence

from gateway.contract.observed import DestinationSeen, Failing, RefusalSeen
from gateway.observing.combining import earliest, grouped, latest, sums


def destination(parts: list[DestinationSeen]) -> DestinationSeen:
    """Return one destination, as all workers together see it."""
    failing = _failing(parts)
    ailing = [each for each in parts if each["failing"] is not None] if failing else parts
    busiest = max(parts, key=lambda each: each["last_success"] or 0.0)
    refusals = grouped(
        (each.get("refusals", []) for each in parts), lambda each: (each["what"], each["code"]), _refusal
    )
    return DestinationSeen(
        kind=parts[0]["kind"],
        address=parts[0]["address"],
        available=all(each["available"] for each in ailing) if failing else True,
        failing=failing,
        next_try=earliest(each["next_try"] for each in ailing) if failing else None,
        last_success=latest(each["last_success"] for each in parts),
        delivered=sum(each["delivered"] for each in parts),
        passed_since=sum(each["passed_since"] for each in parts),
        poison={name: tries for each in parts for name, tries in each["poison"].items()},
        poison_since=earliest(each.get("poison_since") for each in parts),
        refused=sums([each["refused"] for each in parts]),
        refusals=refusals,
        phases=busiest["phases"],
        clock_skew=busiest["clock_skew"],
        waiting=sum(each["waiting"] for each in parts),
        parked=sum(each["parked"] for each in parts),
        parked_since=earliest(each.get("parked_since") for each in parts),
        oldest=earliest(each["oldest"] for each in parts),
    )


def _failing(parts: Sequence[DestinationSeen]) -> Failing | None:
    """Return the failures of all workers together; None if any of them has had a success since the last one."""
    every = [failing for each in parts if (failing := each["failing"]) is not None]
    if not every:
        return None
    last = max(every, key=lambda each: each["last"])
    if (latest(each["last_success"] for each in parts) or 0.0) > last["last"]:
        return None
    since, count = min(each["since"] for each in every), sum(each["count"] for each in every)
    return {**last, "since": since, "count": count}


def _refusal(parts: list[RefusalSeen]) -> RefusalSeen:
    last = max(parts, key=lambda each: each["last"])
    return {**last, "first": min(each["first"] for each in parts), "count": sum(each["count"] for each in parts)}
