"""``hilum try``: applies the steps of a route to the messages in a file, without a network."""

import asyncio
import difflib
from argparse import Namespace
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from gateway.config.loading import Config, RouteSettings, load
from gateway.contract.errors import ConfigError, StepRefused
from gateway.contract.kind import ListenerKind
from gateway.contract.message import Message
from gateway.contract.outcome import Refused, Unavailable
from gateway.contract.step import Step
from gateway.flow.steps import go_through, open_steps
from gateway.kinds import KINDS
from gateway.telemetry.terminal import visible

Made = bytes | Refused | Unavailable


async def try_route(options: Namespace) -> bool:
    """Print what the steps change in each message of the files; return whether no step refused one."""
    for flag, given in (("--listener", options.listener), ("--fact", options.fact)):
        if given:
            raise ConfigError(
                f"{flag}: has no effect with --route; leave it out, or write --explain instead of --route"
            )
    config = load(options.config)
    route = route_of(config, options.route)
    kind = KINDS.listeners[config.listeners[route.listener].kind]
    good = True
    chains = chains_of(config, route)
    used = {name: config.steps[name] for chain in chains for name in chain}
    async with open_steps(used, domains=config.domains) as steps:
        for path in options.paths:
            data = await asyncio.to_thread(read_octets, path)
            for message in messages_in(kind, path, data, route):
                for chain, names in chains.items():
                    if len(chains) > 1:
                        print(f"to {', '.join(names)}:")  # noqa: T201  it is the command's result
                    made = await _make(replace(message, via=chain), steps)
                    for line in report(kind, path, message, await _whole(message), made):
                        print(line)  # noqa: T201  it is the command's result
                    good = good and isinstance(made, bytes)
    return good


def chains_of(config: Config, route: RouteSettings) -> dict[tuple[str, ...], list[str]]:
    """Return the steps of the route and of its destinations, each with the destinations that they lead to."""
    found: dict[tuple[str, ...], list[str]] = {}
    for name in route.destinations:
        found.setdefault((*route.via, *config.destinations[name].via), []).append(name)
    return found


def route_of(config: Config, number: int) -> RouteSettings:
    """Return a route, counted from 0 as in the output of ``hilum check``; raises ConfigError if there is none."""
    if not 0 <= number < len(config.routes):
        raise ConfigError(f"--route {number}: there is no such route; there are routes 0 to {len(config.routes) - 1}")
    return config.routes[number]


def messages_in(kind: ListenerKind, path: Path, data: bytes, route: RouteSettings) -> Iterator[Message]:
    """Yield the messages in a file as the route gets them; raises ConfigError if there are none."""
    if kind.read_file is None:
        raise ConfigError(f"{path}: a {kind.name} listener cannot read files")
    try:
        for message in kind.read_file(data, route.listener):
            yield replace(message, via=route.via)
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from None


def report(kind: ListenerKind, path: Path, message: Message, before: bytes, made: Made) -> Iterator[str]:
    """Yield the result for one message: a line-by-line difference, or why it was refused."""
    name = " ".join([str(path), *message.identifiers.values()])
    if not isinstance(made, bytes):
        code = f" (code {made.code})" if made.code else ""
        yield visible(f"{name}: {'refused' if isinstance(made, Refused) else 'not sent'}: {made.reason}{code}")
    elif made == before:
        yield visible(f"{name}: not changed")
    else:
        lines = kind.lines or (lambda data: [repr(data)])
        for line in difflib.unified_diff(lines(before), lines(made), name, "after the steps", lineterm="", n=0):
            yield visible(line)


async def _make(message: Message, steps: Mapping[str, Step]) -> Made:
    try:
        changed = await go_through(message, steps)
        return await _whole(changed) if isinstance(changed, Message) else changed
    except StepRefused as error:
        return error.refused


async def _whole(message: Message) -> bytes:
    return b"".join([bytes(chunk) async for chunk in message.body.chunks()])


def read_octets(path: Path) -> bytes:
    """Return the octets of a file; raises ConfigError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
