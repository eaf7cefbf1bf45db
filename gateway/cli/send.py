"""The sending commands: files in, one printed line for each answer."""

import argparse
import re
from collections.abc import AsyncIterable
from typing import TypeVar

from gateway.contract.kind import Echo, Send
from gateway.contract.sending import Address, Answered
from gateway.kinds import KINDS
from gateway.telemetry.terminal import visible

T = TypeVar("T")


def host_and_port(text: str) -> Address:
    """Read ``HOST:PORT`` (``[::1]:2575`` for IPv6); raises ArgumentTypeError."""
    found = re.fullmatch(r"(?:\[(?P<six>[^\]]+)\]|(?P<host>[^:\[\]]+)):(?P<port>\d{1,5})", text)
    if found is None or not 0 < int(found["port"]) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT with a port from 1 to 65535")
    return Address(found["six"] or found["host"], int(found["port"]))


def application_entity(text: str) -> Address:
    """Read ``AET@HOST:PORT``; raises ArgumentTypeError."""
    ae_title, at, address = text.partition("@")
    if not at or not 1 <= len(ae_title) <= 16:  # PS3.5 6.2: AE has 16 characters at most
        raise argparse.ArgumentTypeError(f"{text!r} is not AET@HOST:PORT with an AE title of 1 to 16 characters")
    where = host_and_port(address)
    return Address(where.host, where.port, ae_title)


async def print_answers(answers: AsyncIterable[Answered]) -> bool:
    """Print a line for each answer as it comes; return whether all were positive (and there was one)."""
    positive = [_print_answer(each) async for each in answers]
    return bool(positive) and all(positive)


def _print_answer(each: Answered) -> bool:
    answer, identifier, source = (visible(text) for text in (each.answer, each.identifier, each.source))
    print(f"{answer:<6} {identifier}  {source}", flush=True)  # noqa: T201  it is the command's result
    return each.positive


def sender(kind: str) -> Send:
    """Return what sends files to a listener of *kind*."""
    return _required(KINDS.listeners[kind].send)


def echoer(kind: str) -> Echo:
    """Return what asks a listener of *kind* whether it is there."""
    return _required(KINDS.listeners[kind].echo)


def _required(function: T | None) -> T:
    assert function is not None  # noqa: S101  the command line offers only what there is
    return function
