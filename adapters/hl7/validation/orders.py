"""The protocol between the daemon and its validation processes: frames over a pipe, each preceded by its length.

This file does no I/O of its own; it is the only one of the protocol that both sides import.
"""

import json
from dataclasses import asdict, dataclass
from typing import BinaryIO

from adapters.hl7.validation.checks import Checks
from gateway.contract.outcome import Finding

LENGTH = 8
"""Octets of the length of a frame."""
MOST_FINDINGS = 10
"""Most findings that are reported for one message; the others are only counted."""
READY = b"ready"


@dataclass(frozen=True, slots=True)
class Order:
    """The settings that a validation process gets once, at its start; the profile follows."""

    version: str | None
    checks: Checks
    ignore: tuple[str, ...]
    max_seconds: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The mistakes in one message."""

    count: int = 0
    """The number of mistakes."""
    findings: tuple[Finding, ...] = ()
    """The first mistakes, at most MOST_FINDINGS."""


def frame(data: bytes) -> bytes:
    """Return *data* preceded by its length."""
    return len(data).to_bytes(LENGTH, "big") + data


def read_frame(stream: BinaryIO) -> bytes | None:
    """Return the next frame of *stream*, or None if the stream has ended."""
    length = stream.read(LENGTH)
    data = stream.read(int.from_bytes(length, "big")) if len(length) == LENGTH else b""
    return data if len(length) == LENGTH and len(data) == int.from_bytes(length, "big") else None


def write_order(order: Order) -> bytes:
    """Return *order* as octets."""
    return json.dumps(asdict(order)).encode()


def read_order(data: bytes) -> Order:
    """Return the order in *data*, which :func:`write_order` wrote."""
    fields = json.loads(data)
    checks = Checks(**fields.pop("checks"))
    return Order(**{**fields, "checks": checks, "ignore": tuple(fields["ignore"])})


def write_verdict(verdict: Verdict) -> bytes:
    """Return *verdict* as octets."""
    return json.dumps(asdict(verdict)).encode()


def read_verdict(data: bytes) -> Verdict:
    """Return the verdict in *data*, which :func:`write_verdict` wrote."""
    fields = json.loads(data)
    return Verdict(fields["count"], tuple(Finding(**each) for each in fields["findings"]))
