"""The PDU reader: the events do not depend on the cut, memory is bounded, what is encoded is read again."""

from collections.abc import Iterable

from adapters.dimse.protocol.events import Fragment, Invalid, PeerEvent
from adapters.dimse.protocol.pdu import MAX_ASSOCIATE, PduReader, encode_command
from tests.fuzz.source import Source, cut

MAX_PDU = 4096


def target(data: bytes) -> None:
    """Read the octets as a stream, whole and in pieces."""
    source = Source(data)
    max_pdu = source.octet() * 8
    sizes = source.sizes()
    wire = source.rest()
    events = _read([wire])
    assert _joined(events) == _joined(_read(cut(wire, sizes)))
    assert _joined(events) == _joined(_read(cut(wire, sizes), most=1))
    assert not any(isinstance(event, Invalid) for event in events[:-1])
    assert all(len(event.data) <= MAX_PDU for event in events if isinstance(event, Fragment))
    _check_encoding(wire, max_pdu)


def _read(pieces: Iterable[bytes], most: int = 1 << 20) -> list[PeerEvent]:
    reader = PduReader(MAX_PDU)
    events = []
    for piece in pieces:
        events += reader.receive_data(piece, most)
        assert len(reader._held) <= MAX_ASSOCIATE + 6
    while reader.has_more:
        events += reader.receive_data(b"", most)
    return events


def _joined(events: Iterable[PeerEvent]) -> list[object]:
    """Return *events* with the fragments of one value as one, as if none had been cut."""
    joined: list[object] = []
    for event in events:
        if not isinstance(event, Fragment):
            joined.append(event)
            continue
        kind, octets = event[:2], bytes(event.data)
        last = joined[-1] if joined else None
        if isinstance(last, tuple) and last[0] == kind and not last[1]:
            octets = last[2] + octets
            joined.pop()
        joined.append((kind, event.is_last, octets))
    return joined


def _check_encoding(command_set: bytes, max_pdu: int) -> None:
    if not command_set:
        return
    encoded = encode_command(1, command_set, max_pdu)
    events = PduReader(1 << 24).receive_data(encoded)
    assert [((1, True), True, command_set)] == _joined(events)
    if max_pdu > 6:
        assert all(isinstance(event, Fragment) and len(event.data) + 6 <= max_pdu for event in events)
