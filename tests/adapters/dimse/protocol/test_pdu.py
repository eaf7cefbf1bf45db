"""The PDU reader and the encoders, against bytes, against every cut of them, and against pynetdicom."""

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynetdicom.pdu import A_ABORT_RQ, A_ASSOCIATE_RJ, A_RELEASE_RP, P_DATA_TF

from adapters.dimse.protocol.events import (
    Abort,
    AbortReason,
    AssociateAc,
    AssociateRj,
    AssociateRq,
    Fragment,
    Invalid,
    Lengths,
    PeerEvent,
    ReleaseRp,
    ReleaseRq,
)
from adapters.dimse.protocol.pdu import (
    MAX_ASSOCIATE,
    RELEASE_RP,
    SERVICE_PROVIDER,
    SERVICE_USER,
    SHORT_ASSOCIATE,
    PduReader,
    encode_abort,
    encode_command,
    encode_reject,
)
from tests.adapters.dimse import raw_peer

MAX_PDU = 4096
UNRECOGNIZED, LIES = Invalid(AbortReason.UNRECOGNIZED_PDU), Invalid(AbortReason.INVALID_PARAMETER)
REQUEST = raw_peer.associate_rq()


def two_values(first: bytes, second: bytes) -> bytes:
    """Return one P-DATA-TF with two values."""
    values = b"".join(struct.pack(">LBB", len(data) + 2, 3, 2) + data for data in (first, second))
    return struct.pack(">BxL", 4, len(values)) + values


def fragment(data: bytes, *, is_command: bool = False, is_last: bool = True, context_id: int = 3) -> Fragment:
    """Return the fragment that holds *data*."""
    return Fragment(context_id, is_command, is_last, memoryview(data))


WIRE: dict[str, tuple[bytes, list[PeerEvent]]] = {
    "a request": (REQUEST, [AssociateRq(REQUEST)]),
    "an acceptance": (b"\2" + REQUEST[1:], [AssociateAc(b"\2" + REQUEST[1:])]),
    "a rejection": (b"\3\0\0\0\0\4\0\1\1\1", [AssociateRj(b"\3\0\0\0\0\4\0\1\1\1")]),
    "a release": (raw_peer.RELEASE_RQ, [ReleaseRq()]),
    "an agreed release": (raw_peer.RELEASE_RP, [ReleaseRp()]),
    "an abort": (raw_peer.ABORT, [Abort()]),
    "a command": (raw_peer.p_data(1, 3, b"ab"), [fragment(b"ab", is_command=True, context_id=1)]),
    "data that goes on": (raw_peer.p_data(3, 0, b"ab"), [fragment(b"ab", is_last=False)]),
    "an empty last value": (raw_peer.p_data(3, 2, b""), [fragment(b"")]),
    "two values in a PDU": (two_values(b"ab", b"cd"), [fragment(b"ab"), fragment(b"cd")]),
    "an empty value, then another": (two_values(b"", b"cd"), [fragment(b""), fragment(b"cd")]),
    "the longest PDU": (raw_peer.p_data(3, 2, bytes(MAX_PDU - 6)), [fragment(bytes(MAX_PDU - 6))]),
    "two PDUs": (raw_peer.p_data(3, 2, b"ab") + raw_peer.RELEASE_RQ, [fragment(b"ab"), ReleaseRq()]),
    "a type that does not exist": (b"\x08\0\0\0\0\4", [UNRECOGNIZED]),
    "TLS": (b"\x16\3\1\2\0\1", [Invalid(AbortReason.UNRECOGNIZED_PDU, is_tls=True)]),
    "HTTP": (b"GET / HTTP/1.1\r\n", [UNRECOGNIZED]),
    "nothing after an invalid one": (b"\x08\0\0\0\0\4" + raw_peer.ABORT, [UNRECOGNIZED]),
    "longer than negotiated": (raw_peer.p_data(3, 2, bytes(MAX_PDU - 5)), [LIES]),
    "P-DATA-TF without a value": (b"\4\0\0\0\0\0", [LIES]),
    "P-DATA-TF with half a value header": (b"\4\0\0\0\0\5\0\0\0\2\3", [LIES]),
    "a value longer than its PDU": (b"\4\0\0\0\0\x08\0\0\0\5\3\2ab", [LIES]),
    "a value of no octet": (b"\4\0\0\0\0\6\0\0\0\0\3\2", [LIES]),
    "a value of one octet": (b"\4\0\0\0\0\6\0\0\0\1\3\2", [LIES]),
    "a value and a stray octet": (b"\4\0\0\0\0\7\0\0\0\2\3\2x", [LIES]),
    "a request longer than any": (struct.pack(">BxL", 1, MAX_ASSOCIATE + 1), [LIES]),
    "a request shorter than its fixed fields": (struct.pack(">BxL", 1, 67), [LIES]),
    "a release of five octets": (b"\5\0\0\0\0\5", [LIES]),
    "an empty abort": (b"\7\0\0\0\0\0", [LIES]),
}


LENGTHS = {
    "longer than negotiated": Lengths("P-DATA-TF", MAX_PDU + 1, 6, MAX_PDU),
    "P-DATA-TF without a value": Lengths("P-DATA-TF", 0, 6, MAX_PDU),
    "a value longer than its PDU": Lengths("presentation data value", 5, 2, 4),
    "a value of one octet": Lengths("presentation data value", 1, 2, 2),
    "a value and a stray octet": Lengths("presentation data value", 2, 2, 3),
    "a request longer than any": Lengths("A-ASSOCIATE-RQ", MAX_ASSOCIATE + 1, 68, MAX_ASSOCIATE),
    "a request shorter than its fixed fields": Lengths("A-ASSOCIATE-RQ", 67, 68, MAX_ASSOCIATE),
    "a release of five octets": Lengths("A-RELEASE-RQ", 5, 4, 4),
    "an empty abort": Lengths("A-ABORT", 0, 4, 4),
    "a type that does not exist": None,
}
"""Of those of WIRE that end with a length that lies: the length and what it may be."""


@pytest.mark.parametrize("name", LENGTHS)
def test_lengths_that_lie(name: str) -> None:
    """Both lengths are told: that which was sent, and that which there may be."""
    (event,) = read(WIRE[name][0])
    assert isinstance(event, Invalid)
    assert LENGTHS[name] == event.lengths


def read(wire: bytes, *cuts: int) -> list[PeerEvent]:
    """Return the events of *wire* read in pieces, the pieces of one value joined."""
    reader, events = PduReader(MAX_PDU), list[PeerEvent]()
    edges = [0, *sorted(cuts), len(wire)]
    for start, end in pairwise(edges):
        events += reader.receive_data(wire[start:end])
    return join(events)


def join(events: list[PeerEvent]) -> list[PeerEvent]:
    """Put the pieces of one value together again."""
    joined: list[PeerEvent] = []
    for event in events:
        last = joined[-1] if joined else None
        if isinstance(event, Fragment) and isinstance(last, Fragment) and not last.is_last:
            joined[-1] = event._replace(data=memoryview(bytes(last.data) + bytes(event.data)))
        else:
            joined.append(event)
    return joined


@pytest.mark.parametrize("step", [1, 2, 3, 64, 1 << 20])
@pytest.mark.parametrize(("wire", "events"), WIRE.values(), ids=WIRE)
def test_reader(wire: bytes, events: list[PeerEvent], step: int) -> None:
    """The events do not depend on how TCP cut the octets."""
    assert events == read(wire, *range(step, len(wire), step))


@given(st.data())
def test_any_cut(data: st.DataObject) -> None:
    """Any PDUs in any pieces give the same events as in one piece."""
    wire = b"".join(data.draw(st.lists(st.sampled_from([wire for wire, _ in WIRE.values()]), max_size=6)))
    cuts = data.draw(st.lists(st.integers(0, len(wire)), max_size=12))
    assert read(wire) == read(wire, *cuts)


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"\1\0\0\0\0\x60", b"\4\0\0\0\0\x10", b"\4\0\0\0\0\x10\0\0\0\x08"])
)
def test_hostile_octets(noise: bytes, start: bytes) -> None:
    """No octets raise, and an invalid PDU is the last event."""
    events = PduReader(MAX_PDU).receive_data(start + noise)
    assert [] == [event for event in events[:-1] if isinstance(event, Invalid)]


@pytest.mark.parametrize("most", [1, 2, 3])
def test_events_in_portions(most: int) -> None:
    """Events that are asked for in portions are the same ones, and no portion is larger than asked for."""
    wire = REQUEST + two_values(b"ab", b"") * 3 + raw_peer.RELEASE_RQ + b"\x09\0\0\0\0\0"
    reader, events = PduReader(MAX_PDU), []
    for piece in (wire[:-20], wire[-20:], b""):  # the second comes while the first is not used up
        portion = reader.receive_data(piece, most)
        assert len(portion) <= most
        events += portion
    while reader.has_more:
        events += reader.receive_data(b"", most)
    assert PduReader(MAX_PDU).receive_data(wire) == events
    assert isinstance(events[-1], Invalid)


LONG = SHORT_ASSOCIATE + 1
# What is sent, whether long ones are taken, the events, and the octets kept afterwards.
HELD: dict[str, tuple[bytes, bool, list[PeerEvent], int]] = {
    "half a request": (REQUEST[:100], False, [], 100),
    "half a longest request": (struct.pack(">BxL", 1, MAX_ASSOCIATE) + bytes(200_000), True, [], 200_006),
    "the same of a peer whose request has to be short": (
        struct.pack(">BxL", 1, MAX_ASSOCIATE) + bytes(200_000),
        False,
        [AssociateRq(struct.pack(">BxL", 1, MAX_ASSOCIATE) + bytes(68), is_whole=False)],
        0,
    ),
    "one octet more than short": (
        struct.pack(">BxL", 1, LONG) + bytes(LONG),
        False,
        [AssociateRq(struct.pack(">BxL", 1, LONG) + bytes(68), is_whole=False)],
        0,
    ),
    "a request that is just short": (
        struct.pack(">BxL", 1, SHORT_ASSOCIATE) + bytes(SHORT_ASSOCIATE),
        False,
        [AssociateRq(struct.pack(">BxL", 1, SHORT_ASSOCIATE) + bytes(SHORT_ASSOCIATE))],
        0,
    ),
    "a long acceptance that nobody asked for": (
        struct.pack(">BxL", 2, LONG) + bytes(LONG),
        False,
        [Invalid(AbortReason.UNEXPECTED_PDU)],
        0,
    ),
    "rubbish, and what follows": (b"GET / HTTP/1.1\r\n" * 10_000, False, [UNRECOGNIZED], 0),
    "a request that is longer than any": (struct.pack(">BxL", 1, MAX_ASSOCIATE + 1) + bytes(200_000), True, [LIES], 0),
    "P-DATA-TF that lies": (b"\4\0\0\0\0\5\0\0\0\2\3" + bytes(200_000), True, [LIES], 0),
}


@pytest.mark.parametrize("step", [1000, 1 << 20])
@pytest.mark.parametrize(("wire", "takes_long", "events", "held"), HELD.values(), ids=HELD)
def test_held(wire: bytes, takes_long: bool, events: list[PeerEvent], held: int, step: int) -> None:
    """The octets that a reader keeps are bounded, and none are kept after its last event."""
    reader, got = PduReader(MAX_PDU, lambda _: takes_long), list[PeerEvent]()
    for start in range(0, len(wire), step):
        got += reader.receive_data(wire[start : start + step], 32)
    assert (events, held) == (got, reader.held)


def test_stopped() -> None:
    """A reader that is stopped holds nothing and reads nothing."""
    reader = PduReader(MAX_PDU)
    reader.receive_data(REQUEST[:100])
    reader.stop()
    assert ([], 0, False) == (reader.receive_data(REQUEST), reader.held, reader.has_more)


def test_fragments_are_views() -> None:
    """The octets of a value are not copied."""
    wire = raw_peer.p_data(3, 2, b"abcd")
    (event,) = PduReader(MAX_PDU).receive_data(wire)
    assert isinstance(event, Fragment)
    assert event.data.obj is wire


def test_fragments_before_the_pdu_is_whole() -> None:
    """A partial value is passed on at once, and only its last piece is marked as last."""
    wire = raw_peer.p_data(3, 2, b"abcd")
    reader = PduReader(MAX_PDU)
    assert [fragment(b"ab", is_last=False)] == reader.receive_data(wire[:-2])
    assert reader.is_mid_pdu
    assert [fragment(b"cd")] == reader.receive_data(wire[-2:])
    assert not reader.is_mid_pdu


@pytest.mark.parametrize("sent", [1, 5, 6, 8, 12, 13], ids=lambda sent: f"after {sent} octets")
def test_mid_pdu(sent: int) -> None:
    """A reader knows that the peer owes the rest."""
    reader = PduReader(MAX_PDU)
    reader.receive_data(two_values(b"a", b"b")[:sent])
    assert reader.is_mid_pdu


def test_abort_as_pynetdicom_reads_it() -> None:
    """An encoded A-ABORT says who aborts, and why."""
    pdu = A_ABORT_RQ()
    pdu.decode(encode_abort(SERVICE_PROVIDER, AbortReason.INVALID_PARAMETER))
    assert (2, 6) == (pdu.source, pdu.reason_diagnostic)
    pdu.decode(encode_abort(SERVICE_USER))
    assert (0, 0) == (pdu.source, pdu.reason_diagnostic)


def test_reject_as_pynetdicom_reads_it() -> None:
    """An encoded A-ASSOCIATE-RJ has result, source and reason in their places."""
    pdu = A_ASSOCIATE_RJ()
    pdu.decode(encode_reject(2, 3, 1))
    assert (2, 3, 1) == (pdu.result, pdu.source, pdu.reason_diagnostic)


def test_release_as_pynetdicom_writes_it() -> None:
    """The constant is an A-RELEASE-RP."""
    assert A_RELEASE_RP().encode() == RELEASE_RP


@pytest.mark.parametrize(("max_pdu", "sizes"), [(0, [10]), (16, [10]), (15, [8, 2]), (10, [4, 4, 2]), (3, [1] * 10)])
def test_command_in_pdus_the_peer_takes(max_pdu: int, sizes: list[int]) -> None:
    """A command set is cut to the peer's maximum length in pieces of even length; only the last one says that it is."""
    wire, values = encode_command(3, b"0123456789", max_pdu), []
    while wire:
        length = 6 + struct.unpack_from(">L", wire, 2)[0]
        pdu = P_DATA_TF()
        pdu.decode(wire[:length])
        values += [item.presentation_data_value or b"" for item in pdu.presentation_data_value_items]
        wire = wire[length:]
    assert sizes == [len(value) - 1 for value in values]
    assert b"0123456789" == b"".join(value[1:] for value in values)
    assert [1] * (len(sizes) - 1) + [3] == [value[0] for value in values]


@pytest.mark.parametrize("max_pdu", range(1, 10))
def test_only_the_last_piece_is_the_last(max_pdu: int) -> None:
    """Pieces with the same octets as the last piece are not marked as last."""
    events = PduReader(MAX_PDU).receive_data(encode_command(3, b"aaaaaa", max_pdu))
    flags = [event.is_last for event in events if isinstance(event, Fragment)]
    assert [False] * (len(events) - 1) + [True] == flags
