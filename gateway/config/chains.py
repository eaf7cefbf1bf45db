"""Checks that each part of a route (listener, steps, destinations) accepts the format that the part before it gives."""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.contract.kind import Format
from gateway.kinds import KINDS

Names = Mapping[str, object]
"""The names of a section of the configuration, each with its kind."""


def chain_problems(
    path: str, route: dict[str, Any], listeners: Names, steps: Names, destinations: Names
) -> Iterator[str]:
    """Yield the problems in the chain of the *route* at *path*, but not unknown listeners and destinations."""
    listener = KINDS.listeners.get(str(listeners.get(str(route.get("from")))))
    via, to = route.get("via"), route.get("to")
    given: Format | None = None if listener is None else listener.gives
    giver = "" if listener is None else f"a {listener.name} listener receives"
    for name in via if isinstance(via, list) else ():
        if not isinstance(name, str):
            given = None
            continue
        if name not in steps:
            yield f"{path}.via: there is no step {name!r}; there is {', '.join(sorted(steps)) or 'none'}"
        step = KINDS.steps.get(str(steps.get(name)))
        if step is None:
            given = None
            continue
        if given is not None and given not in step.takes:
            yield f"{path}.via: a {step.name} step cannot take what {giver}"
        given, giver = step.gives or given, f"a {step.name} step gives"
    for name in to if isinstance(to, list) else [to]:
        destination = KINDS.destinations.get(str(destinations.get(str(name))))
        if destination is not None and given is not None and given not in destination.takes:
            yield f"{path}.to: a {destination.name} destination cannot take what {giver}"
