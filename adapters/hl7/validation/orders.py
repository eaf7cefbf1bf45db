"""What the daemon and its validation processes say to each other over a pipe: frames, each with its length before it.

Pure: this file is all that both sides import of it.
"""

import json
from dataclasses import asdict, dataclass
from typing import BinaryIO

from adapters.hl7.validation.checks import Checks
from gateway.contract.outcome import Finding

LENGTH = 8
"""Octets of a length."""
MOST_FINDINGS = 10
"""That are told of one message; of the others there is the number."""
READY = b"ready"


@dataclass(frozen=True, slots=True)
class Order:
    """What a validation process is told once, at its start; the profile follows."""

    version: str | None
    checks: Checks
    ignore: tuple[str, ...]
    max_seconds: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in one message."""

    count: int = 0
    """How many mistakes there are."""
    findings: tuple[Finding, ...] = ()
    """The first of them."""


def frame(data: bytes) -> bytes:
    """Return *data* with its length before it."""
    return len(data).to_bytes(LENGTH, "big") + data


def read_frame(stream: BinaryIO) -> bytes | None:
    """Return the next frame of *stream*, None where it ends instead."""
    length = stream.read(LENGTH)
    data = stream.read(int.from_bytes(length, "big")) if len(length) == LENGTH else b""
    return data if len(length) == LENGTH and len(data) == int.from_bytes(length, "big") else None


def write_order(order: Order) -> bytes:
    """Return *order* as octets."""
    return json.dumps(asdict(order)).encode()


def read_order(data: bytes) -> Order:
    """Undo :func:`write_order`."""
    fields = json.loads(data)
    checks = Checks(**fields.pop("checks"))
    return Order(**{**fields, "checks": checks, "ignore": tuple(fields["ignore"])})


def write_verdict(verdict: Verdict) -> bytes:
    """Return *verdict* as octets."""
    return json.dumps(asdict(verdict)).encode()


def read_verdict(data: bytes) -> Verdict:
    """Undo :func:`write_verdict`."""
    fields = json.loads(data)
    return Verdict(fields["count"], tuple(Finding(**each) for each in fields["findings"]))
