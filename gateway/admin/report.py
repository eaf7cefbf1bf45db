"""The body of ``/readyz`` for authenticated clients: one shape, whether the gateway has one process or several."""

from collections.abc import Iterable, Mapping
from typing import Any

Report = Mapping[str, Any]

REACHABLE = "reachable"
"""The state of a destination that answers."""
NOT_READY = "not ready"


def report_of_process(
    state: str,
    listeners: Mapping[str, object],
    destinations: Mapping[str, str],
    troubles: Mapping[str, str],
    spools_set_aside: Iterable[str] = (),
    undelivered: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """Return the report of a single process, which is worker number 1."""
    return {
        "state": state,
        "listeners": listeners,
        "destinations": destinations,
        "troubles": troubles,
        "spools_set_aside": sorted(spools_set_aside),
        "undelivered": undelivered or {},
        "missing_workers": [],
        "workers": [_worker(1, state, troubles)],
    }


def report_of_workers(answers: Mapping[int, Report | str], *, ready: bool) -> dict[str, object]:
    """Return the combined report of several workers; a missing worker has a text in place of its report."""
    reports = {number: each for number, each in answers.items() if not isinstance(each, str)}
    states = {each if isinstance(each, str) else str(each["state"]) for each in answers.values()}
    return {
        "state": "ready" if ready else _common(states, complete=len(reports) == len(answers)),
        "listeners": _first_of_each(each["listeners"] for each in reports.values()),
        "destinations": _destinations(each["destinations"] for each in reports.values()),
        "troubles": _first_of_each(each["troubles"] for each in reports.values()),
        "spools_set_aside": sorted({name for each in reports.values() for name in each["spools_set_aside"]}),
        "undelivered": _undelivered(each["undelivered"] for each in reports.values()),
        "missing_workers": [number for number in answers if number not in reports],
        "workers": [
            _worker(number, each, {}) if isinstance(each, str) else _worker(number, each["state"], each["troubles"])
            for number, each in answers.items()
        ],
    }


def _worker(number: int, state: str, troubles: Mapping[str, str]) -> dict[str, object]:
    return {"worker": number, "state": state, "troubles": troubles}


def _common(states: set[str], *, complete: bool) -> str:
    """Return the state if all workers have the same, such as ``draining``; otherwise NOT_READY."""
    return states.pop() if complete and len(states) == 1 else NOT_READY


def _first_of_each(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in parts:
        found = {**part, **found}
    return found


def _destinations(parts: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return the state of each destination: not reachable if one worker cannot reach it."""
    found: dict[str, str] = {}
    for part in parts:
        for name, said in part.items():
            if found.get(name, REACHABLE) == REACHABLE:
                found[name] = said
    return found


def _undelivered(parts: Iterable[Mapping[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """Add up the messages: each worker reports those in its own spools."""
    found: dict[str, Any] = {}
    for part in parts:
        for name, each in part.items():
            before = found.get(name, {"messages": 0})
            found[name] = {**each, "messages": before["messages"] + each["messages"]}
    return found
