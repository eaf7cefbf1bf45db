"""Facts to destinations: the first route that matches a message decides where it goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from gateway.contract.destination import Deliver
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused

NO_ROUTE = Refused("no route takes this kind of message", unsupported=True)


@dataclass(frozen=True, slots=True)
class Route:
    """Where messages with certain facts go."""

    when: Mapping[str, Sequence[str]]
    """A fact's name to the patterns of which one must match it (``*`` and ``?`` as in file names)."""
    to: Deliver
    via: tuple[str, ...] = ()
    """Names of the steps on the way."""

    def matches(self, facts: Mapping[str, str]) -> bool:
        """Whether every fact named in *when* is present and matches; an empty *when* takes everything."""
        return all(
            name in facts and any(fnmatchcase(facts[name], pattern) for pattern in patterns)
            for name, patterns in self.when.items()
        )


class Router:
    """The routes of one listener, in the order of the configuration."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = tuple(routes)

    async def __call__(self, message: Message) -> Outcome:
        """Deliver *message* by the first route that matches, or refuse it."""
        for route in self._routes:
            if route.matches(message.facts):
                return await route.to(replace(message, via=route.via) if route.via else message)
        return NO_ROUTE
