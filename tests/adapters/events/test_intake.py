"""What routes get of a fetched message."""

import pytest

from adapters.events.hl7v2.feed import Entry
from adapters.events.hl7v2.listing import Fetched
from adapters.events.intake import NO_HEADER, deliverer
from gateway.contract.journal import Answered
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


async def test_journal() -> None:
    """What became of each fetched message is told, also of one that cannot be read."""
    rows: list[Answered] = []
    meter = Metrics().listener("from-cloud")
    meter.recorded = lambda row: rows.append(Answered(*row))  # type: ignore[arg-type]
    destination = Destination()
    take = deliverer("from-cloud", "store.example", None, destination.deliver, meter)
    await take(ENTRY, Fetched(MESSAGE % b"42", frozenset()), True)
    await take(ENTRY, Fetched(b"PID|1\r", frozenset()), False)
    stored, refused = rows
    assert ("stored", "", "", "42") == (
        stored.outcome,
        stored.answer,
        stored.reason,
        stored.identifier,
    )
    assert not isinstance(stored.facts, tuple)
    assert ("store.example", "from-cloud") == (stored.address, stored.facts["listener"])
    assert ("refused", NO_HEADER.reason, 6) == (refused.outcome, refused.reason, refused.octets)
    assert stored.message_id != refused.message_id
