"""The sending commands: parsing of addresses, and the adapter functions that send."""

import argparse
import re
from typing import TypeVar

from gateway.cli.send_options import ae_title
from gateway.contract.kind import Echo, Send
from gateway.contract.sending import Address
from gateway.kinds import KINDS

T = TypeVar("T")


def host_and_port(text: str) -> Address:
    """Parse ``HOST:PORT`` (``[::1]:2575`` for IPv6); raises ArgumentTypeError."""
    found = re.fullmatch(r"(?:\[(?P<six>[^\]]+)\]|(?P<host>[^:\[\]]+)):(?P<port>\d{1,5})", text)
    if found is None or not 0 < int(found["port"]) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT with a port from 1 to 65535")
    return Address(found["six"] or found["host"], int(found["port"]))


def application_entity(text: str) -> Address:
    """Parse ``AET@HOST:PORT``; raises ArgumentTypeError."""
    title, at, address = text.partition("@")
    if not at or not 1 <= len(title) <= 16:  # PS3.5 6.2: AE has 16 characters at most
        raise argparse.ArgumentTypeError(f"{text!r} is not AET@HOST:PORT with an AE title of 1 to 16 characters")
    where = host_and_port(address)
    return Address(where.host, where.port, ae_title(title))


def sender(kind: str) -> Send:
    """Return the function that sends files to a listener of *kind*."""
    return _required(KINDS.listeners[kind].send)


def echoer(kind: str) -> Echo:
    """Return the function that sends an echo request to a listener of *kind*."""
    return _required(KINDS.listeners[kind].echo)


def _required(function: T | None) -> T:
    assert function is not None  # noqa: S101  the command line offers only kinds that have the function
    return function
