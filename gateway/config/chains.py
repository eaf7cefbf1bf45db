"""Checks that each part of a route (listener, steps, destinations) accepts the format that the part before it gives."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from gateway.contract.kind import Format
from gateway.kinds import KINDS

Names = Mapping[str, object]
"""The names of a section of the configuration, each with its kind."""


@dataclass(frozen=True, slots=True)
class Given:
    """The format that a part of a route gives, as far as it is known."""

    form: Format | None
    by: str
    """The beginning of a sentence that says which part gives it."""


def chain_problems(
    path: str,
    route: dict[str, Any],
    listeners: Names,
    steps: Names,
    destinations: Names,
    own_steps: Mapping[str, object] = MappingProxyType({}),
) -> Iterator[str]:
    """Yield the problems in the chain of the *route* at *path*, but not unknown listeners and destinations.

    *own_steps* is the ``via`` of each destination.
    """
    listener = KINDS.listeners.get(str(listeners.get(str(route.get("from")))))
    given = Given(None, "") if listener is None else Given(listener.gives, f"a {listener.name} listener receives")
    given = yield from _after(f"{path}.via", route.get("via"), given, steps)
    to = route.get("to")
    for name in to if isinstance(to, list) else [to]:
        here = yield from _after(f"destinations.{name}.via", own_steps.get(str(name)), given, steps)
        destination = KINDS.destinations.get(str(destinations.get(str(name))))
        if destination is not None and here.form is not None and here.form not in destination.takes:
            yield f"{path}.to: a {destination.name} destination cannot take what {here.by}"


def _after(path: str, via: object, given: Given, steps: Names) -> Generator[str, None, Given]:
    """Yield the problems of the steps *via*, and return what the last one gives."""
    for name in via if isinstance(via, list) else ():
        if not isinstance(name, str):
            given = Given(None, "")
            continue
        if name not in steps:
            yield f"{path}: there is no step {name!r}; there is {', '.join(sorted(steps)) or 'none'}"
        step = KINDS.steps.get(str(steps.get(name)))
        if step is None:
            given = Given(None, "")
            continue
        if given.form is not None and given.form not in step.takes:
            yield f"{path}: a {step.name} step cannot take what {given.by}"
        given = Given(step.gives or given.form, f"a {step.name} step gives")
    return given
