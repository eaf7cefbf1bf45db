"""Checks the ``when`` of routes: finds patterns that match nothing, and routes that no message reaches."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from gateway.config import patterns
from gateway.config.pattern_mistakes import pattern_problem
from gateway.config.peer_addresses import may_meet, within
from gateway.config.reachability import Wanted, covering, covers
from gateway.contract.kind import ListenerKind
from gateway.contract.message import COMMON_FACTS
from gateway.contract.settings import ListenerSettings
from gateway.kinds import KINDS

MOST_NAMED = 5
"""Most values that are listed in an error text."""


def when_problems(routes: Sequence[Any], listeners: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the conditions of *routes*; skip routes whose form is wrong, which others report."""
    of_listener: dict[str, dict[int, Wanted]] = {}
    for index, route in enumerate(routes):
        source = route.get("from") if isinstance(route, dict) else None
        listener = listeners.get(source) if isinstance(source, str) else None
        kind = KINDS.listeners.get(str(listener.get("kind"))) if isinstance(listener, dict) else None
        when = _wanted(route.get("when", {})) if isinstance(route, dict) else None
        if kind is None or when is None or not isinstance(source, str) or not all(_has(kind, each) for each in when):
            continue
        known = Known(source, kind, listener)
        problems = list(_mistakes(f"routes[{index}].when", route.get("when", {}), when, known))
        yield from problems
        if not problems:
            of_listener.setdefault(source, {})[index] = known.narrowed(when)
    for found in of_listener.values():
        yield from unreachable(found)


def unreachable(routes: Mapping[int, Wanted]) -> Iterator[str]:
    """Yield an error for each of the *routes* of a listener that gets no message; keys are positions in the file."""
    numbers = list(routes)
    for place, number in enumerate(numbers):
        rivals = [numbers[each] for each in covering(routes[number], [routes[each] for each in numbers[:place]])]
        if not rivals:
            continue
        if len(rivals) == 1 and covers(routes[number], routes[rivals[0]]):
            reason = f"routes[{rivals[0]}] takes the same messages; change the `when` of one of them, or remove one"
        elif len(rivals) == 1:
            reason = f"routes[{rivals[0]}] takes every message that it would take; put it before that one, or remove it"
        else:
            names = f"{', '.join(f'routes[{each}]' for each in rivals[:-1])} and routes[{rivals[-1]}]"
            reason = f"{names} together take every message that it would take; put it before them, or remove it"
        yield f"routes[{number}]: no message reaches it, because {reason}"


class Known:
    """What is known of all messages of a listener: facts whose possible values are given by its settings."""

    def __init__(self, name: str, kind: ListenerKind, listener: object) -> None:
        self.name, self.kind = name, kind
        settings = _settings(kind, listener)
        self.networks = [str(each) for each in settings.allow_networks or ()] if settings else []
        """The networks of its peers; empty if any address may connect."""
        self.values: Wanted = {
            **(kind.allowed_values(settings) if settings else {}),
            "protocol": [kind.name],
            "listener": [name],
        }

    def narrowed(self, when: Wanted) -> Wanted:
        """Return *when* with the possible values of the known facts, and ``peer_ip``, which every message has.

        A peer whose address is outside of ``allow_networks`` sends no message.
        """
        values = {
            name: [each for each in values if name not in when or _is_any(each, when[name])]
            for name, values in self.values.items()
        }
        peers = when.get("peer_ip", ["*"])
        return {**when, "peer_ip": within(peers, self.networks) if self.networks else peers, **values}


def _settings(kind: ListenerKind, listener: object) -> ListenerSettings | None:
    try:
        return kind.settings.model_validate(listener)
    except ValidationError:
        return None


def _has(kind: ListenerKind, name: str) -> bool:
    """Whether *name* is a fact, or may be a field, of messages of this kind of listener."""
    if name in (*COMMON_FACTS, *kind.facts):
        return True
    try:
        kind.fields([name])
    except ValueError:
        return False
    return True


def _wanted(when: object) -> Wanted | None:
    """Return *when* with a list of patterns for each name; None if its form is wrong."""
    if not isinstance(when, dict):
        return None
    lists = {name: each if isinstance(each, list) else [each] for name, each in when.items()}
    right = all(isinstance(name, str) and all(isinstance(each, str) for each in lists[name]) for name in lists)
    return lists if right else None


def _mistakes(path: str, written: Mapping[str, object], when: Wanted, known: Known) -> Iterator[str]:
    for name, wanted in when.items():
        if not wanted:
            yield f"{path}.{name}: is an empty list, which no message matches; add a pattern, or remove the key"
        found = [pattern_problem(name, each, known.kind.gives) for each in wanted]
        for index, problem in enumerate(found):
            place = f"[{index}]" if isinstance(written[name], list) else ""
            if problem is not None:
                yield f"{path}.{name}{place}: {problem}"
        if wanted and not any(found) and (problem := _never(name, wanted, known)):
            yield f"{path}.{name}: {problem}"


def _never(name: str, wanted: Sequence[str], known: Known) -> str | None:
    """Return why no message of the listener can match *wanted*, or None."""
    if name == "peer_ip" and known.networks and not any(may_meet(a, b) for a in wanted for b in known.networks):
        return f"listeners.{known.name}.allow_networks does not allow such a peer; change one of the two"
    values = known.values.get(name)
    if values is None or any(_is_any(each, wanted) for each in values):
        return None
    if name == "listener":
        return f"matches no message, because the route reads from {known.name}; remove it, or change `from`"
    if name == "protocol":
        return f"matches no message, because the protocol of listeners.{known.name} is {known.kind.name}; remove it"
    named = ", ".join([*values[:MOST_NAMED], *["…"] * (len(values) > MOST_NAMED)])
    return f"matches no message, because listeners.{known.name} takes only {named}; write one of these, or add it there"


def _is_any(value: str, wanted: Sequence[str]) -> bool:
    return any(patterns.is_match(each, value) for each in wanted)
