"""``hilum try --explain``: which route takes each message of a file, and why the others do not.

Values of facts, which come from protocol headers, are printed. Of other fields only the name and the pattern are
printed, because their values may be patient data.
"""

import asyncio
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from gateway.cli.trying import read_octets
from gateway.config.loading import FACTS, Config, RouteSettings, load
from gateway.config.pattern_mistakes import KNOWN_FACTS
from gateway.contract.errors import ConfigError
from gateway.contract.kind import ListenerKind
from gateway.contract.message import Message
from gateway.flow.routing import unmatched
from gateway.kinds import KINDS
from gateway.telemetry.terminal import visible

GIVEN = [each for each in FACTS if each not in {"protocol", "listener"}]
"""Facts that `--fact` can set."""
OF_THE_CONNECTION = {"peer_ip", "calling_ae_title", "called_ae_title"}
"""Facts of the connection, which no file contains."""
MOST_SHOWN = 80
"""Characters of a fact that are printed."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A route of the listener, with which a message is compared."""

    number: int
    route: RouteSettings
    wanted: Mapping[str, Sequence[str]]


async def explain(options: Namespace) -> bool:
    """Print which route takes each message, and why the others do not; return whether a route takes every message."""
    config, given, good = load(options.config), given_facts(options.fact), True
    for path in options.paths:
        data = await asyncio.to_thread(read_octets, path)
        for listener, messages in received(config, path, data, options.listener):
            for message in messages:
                told = replace(message, facts={**message.facts, **given})
                taken, lines = await explained(config, listener, told, given)
                good = good and taken
                name = " ".join([str(path), *message.identifiers.values()])
                for line in (f"{name} from listener {listener}: {lines[0]}", *(f"  {each}" for each in lines[1:])):
                    print(visible(line))  # noqa: T201  it is the command's result
    return good


def given_facts(texts: Sequence[str]) -> Mapping[str, str]:
    """Return the facts in texts such as ``peer_ip=10.0.0.5``; raises ConfigError if a text is not a fact."""
    pairs = [text.partition("=")[::2] for text in texts]
    for text, (name, value) in zip(texts, pairs, strict=True):
        if not value or name not in GIVEN:
            raise ConfigError(f"--fact {text}: write NAME=VALUE, with one of the facts {', '.join(GIVEN)}")
    return dict(pairs)


def received(config: Config, path: Path, data: bytes, only: str | None) -> Iterator[tuple[str, list[Message]]]:
    """Yield each listener that can receive the file, or *only* one, with its messages; ConfigError if there is none."""
    if only is not None and only not in config.listeners:
        raise ConfigError(f"--listener {only}: there is no such listener; there is {', '.join(config.listeners)}")
    problems, found = [], False
    for name in [only] if only is not None else config.listeners:
        kind = KINDS.listeners[config.listeners[name].kind]
        try:
            messages = [] if kind.read_file is None else list(kind.read_file(data, name))
        except ValueError as error:
            problems.append(str(error))
            continue
        found = found or bool(messages)
        yield name, messages
    if not found:
        reasons = "; ".join(dict.fromkeys(problems)) or "listeners of this kind cannot read files"
        raise ConfigError(f"{path}: {reasons}")


async def explained(
    config: Config, listener: str, message: Message, given: Mapping[str, str]
) -> tuple[bool, list[str]]:
    """Return whether a route takes *message*; and lines: which one, then one line for each route of the listener."""
    candidates = candidates_of(config, listener)
    kind = KINDS.listeners[config.listeners[listener].kind]
    values = await _values(kind, message, candidates)
    lines: list[str] = []
    taker: Candidate | None = None
    for each in candidates:
        missing = list(unmatched(each.wanted, values))
        if missing:
            reasons = "; ".join(_reason(name, each.wanted[name], values, given) for name in missing)
            lines.append(f"routes[{each.number}] does not take it: {reasons}")
        elif taker is None:
            taker = each
            lines.append(f"routes[{each.number}] takes it: {_conditions(each)}")
        else:
            lines.append(f"routes[{each.number}] would take it, but routes[{taker.number}] comes first")
    if taker is None:
        return False, ["no route takes it, so it is refused", *lines]
    return True, [f"routes[{taker.number}] takes it, to {', '.join(taker.route.destinations)}", *lines]


def candidates_of(config: Config, listener: str) -> list[Candidate]:
    """Return the routes that read from *listener*, in the order in which they are tried."""
    return [
        Candidate(number, each, {name: [w] if isinstance(w, str) else w for name, w in each.when.items()})
        for number, each in enumerate(config.routes)
        if each.listener == listener
    ]


async def _values(kind: ListenerKind, message: Message, candidates: Sequence[Candidate]) -> Mapping[str, str]:
    asked = sorted({*chain.from_iterable(each.wanted for each in candidates)} - {*FACTS})
    fields = (await kind.fields(asked)(message))[0] if asked else {}
    return {**fields, **message.facts}


def _reason(name: str, wanted: Sequence[str], values: Mapping[str, str], given: Mapping[str, str]) -> str:
    patterns = " or ".join(map(repr, wanted))
    mend = f" (not in the file; add --fact {name}=VALUE)" if name in OF_THE_CONNECTION and name not in given else ""
    if name not in values:
        return f"{name} is absent; the route expects {patterns}{mend}"
    if name not in KNOWN_FACTS:
        return f"{name} does not match {patterns}"
    return f"{name} is {values[name][:MOST_SHOWN]!r}; the route expects {patterns}{mend}"


def _conditions(candidate: Candidate) -> str:
    if not candidate.wanted:
        return "it has no conditions"
    return "; ".join(f"{name} matches {' or '.join(map(repr, each))}" for name, each in candidate.wanted.items())
