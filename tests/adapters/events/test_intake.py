"""What routes get of a fetched message."""

import pytest

from adapters.events.hl7v2.feed import Entry
from adapters.events.hl7v2.listing import Fetched
from adapters.events.intake import deliverer
from gateway.contract.outcome import Refused, Stored
from gateway.telemetry.metrics import Metrics
from tests.adapters.events.cloud import MESSAGE, Destination

ENTRY = Entry(0, "name")


async def test_message() -> None:
    """The message has the octets as they are, the facts of its header, and the control ID."""
    destination = Destination()
    take = deliverer("from-cloud", "store.example", None, destination.deliver, Metrics().listener("from-cloud"))
    assert Stored() == await take(ENTRY, Fetched(MESSAGE % b"42", frozenset()), True)
    (message,) = destination.messages
    assert (b"LAB", "store.example", {"control_id": "42"}) == (
        message.facts["sending_application"].encode(),
        message.facts["peer_ip"],
        message.identifiers,
    )
    assert (True, True) == (message.queued, message.maybe_stored)
    assert MESSAGE % b"42" == b"".join([bytes(each) async for each in message.body.chunks()])


@pytest.mark.parametrize("data", [b"", b"PID|1\r", b"MSH\r", b"MSH|^~\\&|A\r"])
async def test_no_header(data: bytes) -> None:
    """What has no header that can be used is refused."""
    destination = Destination()
    take = deliverer("from-cloud", "store.example", None, destination.deliver, Metrics().listener("from-cloud"))
    assert isinstance(await take(ENTRY, Fetched(data, frozenset()), False), Refused)
    assert [] == destination.messages
