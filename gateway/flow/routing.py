"""Routing by facts and fields: the first route that matches a message decides where the message goes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog

from gateway.config import patterns, peer_addresses
from gateway.contract.destination import Deliver
from gateway.contract.kind import FieldReader
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused

log = structlog.get_logger()

AE_TITLES = ("calling_ae_title", "called_ae_title")
NO_ROUTE = Refused("no route takes this kind of message", unsupported=True)
Patterns = Mapping[str, Sequence[str]]
"""By name of a fact or field, patterns of which one must match its value; ``*`` matches any text, also none."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where messages with certain facts go."""

    when: Patterns
    """Conditions on facts."""
    to: Deliver
    via: tuple[str, ...] = ()
    """Names of the steps that the message goes through."""
    fields: Patterns = field(default_factory=dict)
    """Conditions on fields of the message; they are read only from messages that match *when*."""

    def matches(self, facts: Mapping[str, str]) -> bool:
        """Whether every fact named in *when* is present and matches; an empty *when* matches every message."""
        return not any(unmatched(self.when, facts))


class Router:
    """The routes of one listener, in the order of the configuration."""

    def __init__(self, routes: Sequence[Route], read: FieldReader | None = None) -> None:
        self._routes = tuple(routes)
        self._read = read
        """Reads the fields of all routes at once; None if no route has conditions on fields."""

    async def __call__(self, message: Message) -> Outcome:
        """Deliver *message* by the first route that matches, or refuse it."""
        fields: Mapping[str, str] | None = None
        for route in self._routes:
            if not route.matches(message.facts):
                continue
            if route.fields:
                if fields is None and self._read is not None:
                    fields, message = await self._read(message)
                if any(unmatched(route.fields, fields or {})):
                    continue
            return await route.to(replace(message, via=route.via) if route.via else message)
        _tell(message)
        return NO_ROUTE


def unmatched(when: Patterns, values: Mapping[str, str]) -> Iterator[str]:
    """Yield the names whose value is absent or matches none of its patterns."""
    for name, wanted in when.items():
        is_match = peer_addresses.is_match if name == "peer_ip" else patterns.is_match
        if name not in values or not any(is_match(each, values[name]) for each in wanted):
            yield name


def _tell(message: Message) -> None:
    """Log that no route takes *message*. Of its facts only the AE titles are logged: the others are payload."""
    titles = {name: message.facts[name] for name in AE_TITLES if name in message.facts}
    log.warning(
        "message_not_routed",
        listener=message.facts.get("listener"),
        peer=message.connection,
        message_id=message.message_id,
        reason=NO_ROUTE.reason,
        **titles,
        **message.identifiers,
    )
