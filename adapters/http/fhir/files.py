"""Reads a prepared FHIR file, and shows a resource as lines, for `hilum try`."""

from collections.abc import Iterator

import msgspec

from adapters.fhir.message import facts_of
from adapters.http.fhir.well_formed import flaw_of, is_object
from gateway.contract.body import WholeBody
from gateway.contract.message import Message


def read_file(data: bytes, listener: str) -> Iterator[Message]:
    """Yield the only resource in the octets of a file; raises ValueError with the reason if there is none."""
    flaw = flaw_of(data)
    if flaw is not None:
        raise ValueError(flaw)
    facts = facts_of(data)
    if not is_object(data) or "resource_type" not in facts:
        raise ValueError("it is no resource: it is not a JSON object with a resourceType")
    common = {"protocol": "http", "listener": listener, "peer_ip": "127.0.0.1"}
    yield Message("1", WholeBody(data), {**common, **facts}, {})


def lines(data: bytes) -> list[str]:
    """Return the lines of a resource as people read it; numbers keep their digits."""
    return msgspec.json.format(data, indent=2).decode().splitlines()
