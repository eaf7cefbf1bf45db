"""Blocks, their messages and their answers."""

import asyncio
import itertools
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from adapters.hl7.acknowledgement import acknowledged_id, answer_code
from adapters.hl7.batch import cut
from adapters.hl7.outbound import prepare
from adapters.hl7.patient import patient_id
from adapters.hl7.subject import subject_of
from adapters.mllp.events import Block
from adapters.mllp.exchange import Exchange
from adapters.mllp.framing import Framer
from adapters.mllp.settings import MllpListenerSettings
from gateway.contract.acknowledgements import Acknowledgements
from gateway.contract.message import Message, Subject
from gateway.contract.message_ids import id_source
from gateway.contract.meter import Rejection
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.process.loop import new_event_loop
from tests.adapters.hl7.blocks import blocks
from tests.adapters.mllp.fakes import FakeDelivery, FakeMeter

PEER = ("10.0.0.1", 1234)
CLOSING = {"when_unavailable": "close"}


def adt(control_id: str, modes: str = "|", text: str = "SECRET") -> bytes:
    """Return a message with *modes* in MSH-15 and MSH-16."""
    header = f"MSH|^~\\&|HIS|HOSP|LAB|WARD|2024||ADT^A01|{control_id}|P|2.5|||{modes}||8859/1"
    return f"{header}\rPID|1||{text}\r".encode()


def exchange(delivery: FakeDelivery, meter: FakeMeter, **settings: Any) -> Exchange:
    """Return an exchange whose IDs count up."""
    ids = (f"ID{number}" for number in itertools.count(1))
    return Exchange("adt", MllpListenerSettings(kind="mllp", port=0, **settings), delivery, meter, lambda: next(ids))


async def test_one_message(delivery: FakeDelivery, meter: FakeMeter) -> None:
    """The message is delivered as it came, with its facts, and acknowledged."""
    data = adt("C1")
    reply = await exchange(delivery, meter, charset="ASCII").handle(data, PEER)
    (message,) = delivery.messages
    assert data is delivery.payloads[0]
    assert ("ID1", {"control_id": "C1"}, "ASCII") == (message.message_id, message.identifiers, message.charset)
    assert ("mllp", "adt", "10.0.0.1") == tuple(message.facts[name] for name in ("protocol", "listener", "peer_ip"))
    assert ("HIS", "ADT^A01") == (message.facts["sending_application"], message.facts["message_type"])
    assert ["AA"] == [answer_code(block) for block in reply.blocks]
    assert [len(data)] == meter.sizes
    assert not reply.hang_up
    assert reply.rejection is None


async def test_others_get_their_turn(delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A thousand messages that wait for nothing do not block the event loop."""
    turns, done = 0, False

    async def other() -> None:
        nonlocal turns
        while not done:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    reply = await exchange(delivery, meter).handle(b"MSH|^~\\&|\r" * 1000, PEER)
    done = True
    await task
    assert 1000 == len(reply.messages)
    assert turns >= 1000 / 4


CODES: dict[str, tuple[Outcome | Exception, str, str]] = {
    "stored": (Stored(), "|", "AA"),
    "refused": (Refused("bad"), "|", "AE"),
    "unavailable": (Unavailable("down"), "|", "AR"),
    "internal error": (ZeroDivisionError("SECRET"), "|", "AR"),
    "enhanced": (Stored(), "AL|AL", "CA AA"),
    "enhanced, refused": (Refused("bad"), "AL|AL", "CE"),
    "enhanced, unavailable": (Unavailable("down"), "AL|AL", "CR"),
    "no answer wanted": (Stored(), "NE|NE", ""),
}


@pytest.mark.parametrize(("outcome", "modes", "expected"), CODES.values(), ids=CODES)
async def test_outcomes(
    outcome: Outcome | Exception, modes: str, expected: str, delivery: FakeDelivery, meter: FakeMeter
) -> None:
    """The outcome of the delivery is the answer, also when our own code fails."""
    delivery.outcome = outcome
    reply = await exchange(delivery, meter).handle(adt("C1", modes), PEER)
    assert expected == " ".join(answer_code(block) for block in reply.blocks)


async def test_after_commit_nak(delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A listener whose peers wait for it sends the application acknowledgement behind a negative commit one too."""
    delivery.outcome = Unavailable("down")
    reply = await exchange(delivery, meter, after_commit_nak="application_ack").handle(adt("C1", "AL|AL"), PEER)
    assert ["CR", "AR"] == [answer_code(block) for block in reply.blocks]


async def test_internal_error(delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A failing delivery is counted and logged by its type; the exception's text, which may hold payload, is not."""
    delivery.outcome = ZeroDivisionError("SECRET")
    with capture_logs() as logs:
        reply = await exchange(delivery, meter).handle(adt("C1"), PEER)
    assert [Rejection.INTERNAL_ERROR] == meter.rejections
    assert ["ZeroDivisionError"] == [entry["error"] for entry in logs if entry["event"] == "delivery_failed"]
    assert "SECRET" not in repr(logs)
    assert b"|207^Application internal error^HL70357|E||||internal error\r" in reply.blocks[0]


async def test_when_unavailable_close(delivery: FakeDelivery, meter: FakeMeter) -> None:
    """With `close`, an unavailable store closes the connection in place of an answer; a refusal is answered."""
    delivery.outcomes = {"C1": Unavailable("down"), "C2": Refused("bad")}
    exchanged = exchange(delivery, meter, when_unavailable="close")
    reply = await exchanged.handle(adt("C1"), PEER)
    assert (True, ()) == (reply.hang_up, reply.blocks)
    reply = await exchanged.handle(adt("C2"), PEER)
    assert (False, 1) == (reply.hang_up, len(reply.blocks))


ACK = b"MSH|^~\\&|A|B|C|D|||ACK^A01^ACK|1|P|2.5|||%b\rMSA|AA|C1\r"


@pytest.mark.parametrize("modes", [b"|", b"NE|NE", b"NE|", b"|NE"])
async def test_acknowledgement_is_not_acknowledged(modes: bytes, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """An ACK that asks for no answer is taken and counted, and neither delivered nor answered."""
    ack = ACK % modes
    reply = await exchange(delivery, meter).handle(ack, PEER)
    assert ([], []) == (delivery.messages, reply.blocks)
    assert [len(ack)] == meter.sizes
    assert [[]] == [settled.answers for settled in reply.messages]


ASKING: dict[str, tuple[bytes, Outcome, str]] = {
    "always": (b"AL|NE", Stored(), "CA"),
    "for an application acknowledgement": (b"NE|AL", Stored(), "AA"),
    "for both": (b"AL|AL", Stored(), "CA AA"),
    "on success": (b"SU|NE", Stored(), "CA"),
    "on success, which it is not": (b"SU|NE", Unavailable("down"), ""),
    "on error": (b"ER|", Unavailable("down"), "CR"),
    "on error, which it is not": (b"ER|", Stored(), ""),
}


@pytest.mark.parametrize(("modes", "outcome", "expected"), ASKING.values(), ids=ASKING)
async def test_acknowledgement_that_asks(
    modes: bytes, outcome: Outcome, expected: str, delivery: FakeDelivery, meter: FakeMeter
) -> None:
    """An ACK that asks for an answer is delivered, so that the answer is true."""
    delivery.outcome = outcome
    reply = await exchange(delivery, meter).handle(ACK % modes, PEER)
    assert [ACK % modes] == delivery.payloads
    assert expected == " ".join(answer_code(block) for block in reply.blocks)


REFUSED_HERE = {
    "segments before MSH": (b"EVN|A01\r" + adt("C1"), {}, b"100^", b"|C1"),
    "no delimiters": (b"MSH", {}, b"100^", b"|"),
    "no message type": (b"MSH|^~\\&|A|B|C|D||||C1|P|2.5\r", {}, b"101^", b"|C1"),
    "line feeds": (adt("C1").replace(b"\r", b"\n"), {"segment_end": "cr"}, b"100^", b""),
}


@pytest.mark.parametrize(("data", "settings", "error", "control_id"), REFUSED_HERE.values(), ids=REFUSED_HERE)
async def test_refused_here(
    data: bytes, settings: dict[str, Any], error: bytes, control_id: bytes, delivery: FakeDelivery, meter: FakeMeter
) -> None:
    """A message that cannot be read is answered from what is left of its MSH, and not delivered."""
    reply = await exchange(delivery, meter, **settings).handle(data, PEER)
    assert [] == delivery.messages
    assert "AE" == answer_code(reply.blocks[0])
    assert b"\rMSA|AE" + control_id in reply.blocks[0]
    assert error in reply.blocks[0] or b"|2.5" not in data


@pytest.mark.parametrize("data", [b"", b"hello", b"PID|1\r", b"GET / HTTP/1.1\r\n"])
async def test_no_header(data: bytes, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A block without MSH gets no answer: nothing says whom to answer."""
    reply = await exchange(delivery, meter).handle(data, PEER)
    assert (Rejection.NO_HEADER, (), []) == (reply.rejection, reply.blocks, meter.sizes)


STARTS = (b"\x0b", b"", b"\x0b\x0b")
ENDS = (b"\x1c\r", b"\x1c", b"\r", b"", b"\x1c\x1c\r", b"\x1c\r\r", b"\x1c\r\x1c\r")
CUTS = st.none() | st.integers(min_value=0, max_value=60)


@st.composite
def sent_blocks(draw: st.DrawFn) -> tuple[list[bytes], bytes]:
    """Return messages, and what became of them on the wire: framing lost or doubled, blocks begun again."""
    messages, wire = [], b""
    for number in range(draw(st.integers(min_value=1, max_value=6))):
        message = adt(f"C{number}")[: draw(st.sampled_from([None, -1]))]  # some senders leave out the last CR
        messages.append(message)
        if (most := draw(CUTS)) is not None:
            wire += b"\x0b" + message[:most] + b"\x0b" + message + draw(st.sampled_from(ENDS))
        else:
            wire += draw(st.sampled_from(STARTS)) + message + draw(st.sampled_from(ENDS))
    return messages, wire


@given(sent_blocks())
async def test_what_is_delivered_was_sent(sent: tuple[list[bytes], bytes]) -> None:
    """Whatever is lost or doubled around messages, none is delivered that was not sent: no two of them, no half."""
    messages, wire = sent
    delivery = FakeDelivery()
    exchanged = exchange(delivery, FakeMeter())
    framer = Framer(1 << 20)
    for event in framer.receive_data(wire) + framer.receive_eof():
        if isinstance(event, Block):
            await exchanged.handle(event.payload, PEER)
    left = iter([message.rstrip(b"\r") for message in messages])
    assert all(payload.rstrip(b"\r") in left for payload in delivery.payloads)


@pytest.mark.parametrize("settings", [{}, {"segment_end": "cr"}, {"mllp_release": 2}])
async def test_a_header_inside_a_segment(settings: dict[str, Any], delivery: FakeDelivery, meter: FakeMeter) -> None:
    """Two messages without a segment end between them are not delivered, and the answer is negative."""
    reply = await exchange(delivery, meter, **settings).handle(adt("C1")[:-1] + adt("C2"), PEER)
    assert [] == delivery.messages
    assert ["AE" if "mllp_release" not in settings else "15"] == [each.answers[0].code for each in reply.messages]


BHS = b"BHS|^~\\&|SA|SF|RA|RF|2024||||B1\r"


async def test_batch(delivery: FakeDelivery, meter: FakeMeter) -> None:
    """Each message of a batch is delivered in order; one batch of their acknowledgements comes back."""
    delivery.outcomes = {"C2": Refused("bad"), "C3": KeyError("SECRET")}
    messages = [adt("C1"), adt("C2"), adt("C3"), adt("C4")]
    reply = await exchange(delivery, meter).handle(BHS + b"".join(messages) + b"BTS|4\r", PEER)
    assert messages == delivery.payloads
    (block,) = reply.blocks
    assert ["AA", "AE", "AR", "AA"] == [answer_code(ack) for ack in cut(block).messages]
    assert [len(message) for message in messages] == meter.sizes


LINE_FEEDS = {
    "a text of lines": b"line\nby line\n",
    "what looks like a patient": b"\nPID|1||OTHER^^^X||NOBODY^ELSE",
    "what looks like a message": b"\nMSH|^~\\&|OTHER|F|R|F|2024||ADT^A02|C9|P|2.5\nPID|1||OTHER^^^X",
    "what looks like a batch": b"\nBHS|^~\\&|OTHER\nMSH|^~\\&|OTHER\nBTS|7\n",
    "empty lines": b"\n\n\n",
}


@pytest.mark.parametrize("segment_end", ["any", "cr"])
@pytest.mark.parametrize("text", LINE_FEEDS.values(), ids=LINE_FEEDS)
async def test_line_feeds(text: bytes, segment_end: Any, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """Where CR ends the MSH, a line feed is data: it reaches the store, and begins neither a segment nor a message."""
    data = adt("C1").replace(b"PID|", b"NTE|1||" + text + b"|x\rPID|").replace(b"||SECRET", b"||ID^^^A||DOE^JANE")
    reply = await exchange(delivery, meter, segment_end=segment_end).handle(data, PEER)
    (message,) = delivery.messages
    assert ["AA"] == [answer_code(block) for block in reply.blocks]
    assert [data] == delivery.payloads
    assert data is prepare(data, None, charset="as_sent", segment_end="cr")
    assert ("HIS", "ADT^A01") == (message.facts["sending_application"], message.facts["message_type"])
    assert ("ID|A", Subject("ID^^^A", "DOE^JANE")) == (patient_id(data), subject_of(data))


FHS = b"FHS|^~\\&|SA|SF|RA|RF|2024||||F1\r"
TWO = adt("C1") + adt("C2")
BATCH_ANSWERS = {
    "bare messages": (TWO, "as_sent", ["C1", "C2"]),
    "a file": (FHS + TWO + b"FTS|1\r", "as_sent", ["C1", "C2"]),
    "a batch": (BHS + TWO + b"BTS|2\r", "as_sent", ["C1 C2"]),
    "a batch in a file": (FHS + BHS + TWO + b"BTS|2\rFTS|1\r", "as_sent", ["C1 C2"]),
    "one message": (adt("C1"), "batch", ["C1"]),
    "bare messages as a batch": (TWO, "batch", ["C1 C2"]),
    "a file as a batch": (FHS + TWO + b"FTS|1\r", "batch", ["C1 C2"]),
    "a batch one by one": (BHS + TWO + b"BTS|2\r", "each", ["C1", "C2"]),
    "commit and application acknowledgements": (adt("C1", "AL|AL") + adt("C2"), "as_sent", ["C1", "C1", "C2"]),
    "an empty file": (FHS + b"FTS|0\r", "as_sent", [""]),
    "an empty batch one by one": (BHS + b"BTS|0\r", "each", [""]),
}


@pytest.mark.parametrize(("data", "setting", "expected"), BATCH_ANSWERS.values(), ids=BATCH_ANSWERS)
async def test_batch_answers(
    data: bytes, setting: str, expected: list[str], delivery: FakeDelivery, meter: FakeMeter
) -> None:
    """A batch is answered by a batch, other messages each in a block of its own, unless the setting says otherwise."""
    reply = await exchange(delivery, meter, batch_answers=setting).handle(data, PEER)
    acknowledged = [[acknowledged_id(ack).decode() for ack in cut(block).messages] for block in reply.blocks]
    assert expected == [" ".join(names) for names in acknowledged]


MISCOUNTS = {
    "a batch": (BHS + TWO + b"BTS|3\r", "batch", ["C1 C2"]),
    "a file": (FHS + BHS + TWO + b"BTS|2\rFTS|3\r", "as_sent", ["C1 C2"]),
    "bare messages": (TWO + b"BTS|3\r", "as_sent", ["C1", "C2"]),
    "a message whose batch header is missing": (adt("C2") + b"BTS|2\r", "as_sent", ["C2"]),
    "a batch without messages": (BHS + b"BTS|2\r", "as_sent", [""]),
}


@pytest.mark.parametrize(("data", "setting", "expected"), MISCOUNTS.values(), ids=MISCOUNTS)
async def test_batch_counts(
    data: bytes, setting: str, expected: list[str], delivery: FakeDelivery, meter: FakeMeter
) -> None:
    """A batch that is not as its trailer says is refused, each message of it, or with `warn` delivered and logged."""
    reply = await exchange(delivery, meter, batch_answers=setting).handle(data, PEER)
    acknowledged = [[acknowledged_id(ack).decode() for ack in cut(block).messages] for block in reply.blocks]
    assert expected == [" ".join(names) for names in acknowledged]
    assert [] == delivery.messages
    assert not any(b"MSA|AA" in block for block in reply.blocks)
    assert [b"\x15"] == (await exchange(delivery, meter, mllp_release=2).handle(data, PEER)).blocks
    with capture_logs() as logs:
        reply = await exchange(delivery, meter, batch_counts="warn").handle(data, PEER)
    assert data.count(b"MSH") == len(delivery.messages) == sum(block.count(b"MSA|AA") for block in reply.blocks)
    assert [("batch_miscounted", "adt", "10.0.0.1:1234")] == [(e["event"], e["listener"], e["peer"]) for e in logs]


class Committing:
    """Gives each message its place at once and its outcome when told, as a spool does."""

    def __init__(self, outcomes: dict[str, Outcome]) -> None:
        self.order: list[str] = []
        self.may_end = asyncio.Event()
        self._outcomes = outcomes

    async def __call__(self, message: Message) -> Outcome:
        """Place *message*, and wait."""
        self.order.append(message.identifiers["control_id"])
        if message.placed is not None:
            message.placed()
        await self.may_end.wait()
        return self._outcomes.get(message.identifiers["control_id"], Stored())


IN_ONE_BLOCK = {"a batch": BHS + TWO + adt("C3") + b"BTS|3\r", "bare messages": TWO + adt("C3")}


@pytest.mark.parametrize("data", IN_ONE_BLOCK.values(), ids=IN_ONE_BLOCK)
async def test_committed_together(data: bytes, meter: FakeMeter) -> None:
    """Messages that have their place are committed together; the answers are each message's own, in order."""
    committing = Committing({"C2": Refused("bad")})
    ids = itertools.count()
    settings = MllpListenerSettings(kind="mllp", port=0)
    exchanged = Exchange("adt", settings, committing, meter, lambda: f"ID{next(ids)}")
    handling = asyncio.create_task(exchanged.handle(data, PEER))
    async with asyncio.timeout(30):
        while len(committing.order) < 3:
            await asyncio.sleep(0)
    committing.may_end.set()
    acks = [ack for block in (await handling).blocks for ack in cut(block).messages]
    assert ["C1", "C2", "C3"] == committing.order == [acknowledged_id(ack).decode() for ack in acks]
    assert ["AA", "AE", "AA"] == [answer_code(ack) for ack in acks]


ONE_BY_ONE: dict[str, dict[str, Any]] = {"relay": {}, "an answer that may be a closed connection": CLOSING}


@pytest.mark.parametrize("settings", ONE_BY_ONE.values(), ids=ONE_BY_ONE)
async def test_one_by_one(settings: dict[str, Any], delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A message whose place depends on the outcome of the one before waits for that."""
    delivery.hold()
    handling = asyncio.create_task(exchange(delivery, meter, **settings).handle(BHS + TWO + b"BTS|2\r", PEER))
    await delivery.began.wait()
    for _ in range(20):
        await asyncio.sleep(0)
    assert 1 == len(delivery.messages)
    delivery.may_go_on.set()
    await handling
    assert 2 == len(delivery.messages)


NOT_TAKEN = {
    "more than max_messages": (BHS + TWO + b"BTS|2\r", {"max_messages": 1}, ["AE"]),
    "more than max_messages in a file": (FHS + BHS + TWO + b"BTS|2\rFTS|1\r", {"max_messages": 1}, ["AE"]),
    "cut in a segment": ((BHS + TWO)[:-1], {}, ["AE", "AE"]),
    "cut in a header": (BHS + TWO + adt("C3")[:40], {}, ["AE", "AE", "AE"]),
    "a header inside a segment": (BHS + TWO[:-1] + adt("C3") + b"BTS|3\r", {}, ["AE"]),
    "segments of no message": (b"EVN|1\r" + BHS + TWO + b"BTS|2\r", {}, ["AE"]),
}


@pytest.mark.parametrize(("data", "settings", "codes"), NOT_TAKEN.values(), ids=NOT_TAKEN)
async def test_batch_that_is_not_taken(
    data: bytes, settings: dict[str, Any], codes: list[str], delivery: FakeDelivery, meter: FakeMeter
) -> None:
    """A batch that is refused as a whole is answered as a batch."""
    reply = await exchange(delivery, meter, **settings).handle(data, PEER)
    (block,) = reply.blocks
    assert [] == delivery.messages
    assert b"BHS|" in block
    assert b"\rBTS|%d\r" % len(codes) in block
    assert codes == [answer_code(ack) for ack in cut(block).messages]


@pytest.mark.parametrize("count", [3, 4])
async def test_max_messages(count: int, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """At most as many messages as the setting says are taken; the segments of a batch are not counted."""
    data = FHS + b"".join(BHS + adt(f"C{number}") + b"BTS|1\r" for number in range(count)) + b"FTS|%d\r" % count
    await exchange(delivery, meter, max_messages=3).handle(data, PEER)
    assert (3 if count == 3 else 0) == len(delivery.messages)


BEGINNINGS = {
    "a message": (adt("C1"), {}, "AE C1"),
    "behind strays": (b"\r\n" + adt("C1"), {}, "AE C1"),
    "a batch": (BHS + adt("C1"), {}, "AE C1"),
    "segments of no message": (b"EVN|1\r" + adt("C1"), {}, "AE C1"),
    "a control ID that is cut short": (adt("C1234")[:44], {}, "AE "),
    "a header that is cut behind it": (adt("C1")[:55], {}, "AE C1"),
    "enhanced mode": (adt("C1", "AL|NE"), {}, "CE C1"),
    "no answer wanted": (adt("C1", "NE|NE"), {}, ""),
    "release 2": (adt("C1"), {"mllp_release": 2}, "15"),
    "no header": (b"PID|1\r", {}, ""),
    "half a name": (b"MS", {}, ""),
    "a name alone": (b"MSH", {}, "AE "),
    "nothing": (b"", {}, ""),
}


@pytest.mark.parametrize(("beginning", "settings", "expected"), BEGINNINGS.values(), ids=BEGINNINGS)
def test_turned_away(
    beginning: bytes, settings: dict[str, Any], expected: str, delivery: FakeDelivery, meter: FakeMeter
) -> None:
    """What came of a header is enough to answer a block that is not taken; no half field is used."""
    reply = exchange(delivery, meter, **settings).turn_away(beginning)
    said = [
        f"{answer_code(block)} {acknowledged_id(block).decode()}" if len(block) > 1 else block.hex()
        for block in reply.blocks
    ]
    assert expected == " ".join(said)
    assert [] == delivery.messages


REST = b"two\rOBX|2|TX|||three\r"
INSIDE = {
    "a text": (adt("C1") + b"OBX|1|TX|||one", REST, {}, ["AE C1"]),
    "the end of a text": (adt("C1") + b"OBX|1|TX|||one", b"\r", {}, ["AE C1"]),
    "the rest of a batch": (BHS + adt("C1") + b"NTE|1||one", REST + adt("C2") + b"BTS|2\r", {}, ["AE C1"]),
    "a text, release 2": (adt("C1"), REST, {"mllp_release": 2}, ["15"]),
    "the header is cut": (adt("C1")[:55], REST, {}, ["AE C1"]),
    "a message that was begun again": (adt("C1")[:55], adt("C2"), {}, ["AA C2"]),
    "a batch that was begun again": (BHS + adt("C1"), BHS + adt("C2") + b"BTS|1\r", {}, ["AA C2"]),
    "no message before": (b"PID|1\r", adt("C2"), {}, ["AA C2"]),
    "no message anywhere": (b"PID|1\r", REST, {}, []),
    "a batch header alone": (BHS, REST, {}, []),
}


@pytest.mark.parametrize(("dropped", "payload", "settings", "expected"), INSIDE.values(), ids=INSIDE)
async def test_a_start_inside(
    dropped: bytes,
    payload: bytes,
    settings: dict[str, Any],
    expected: list[str],
    delivery: FakeDelivery,
    meter: FakeMeter,
) -> None:
    """A message with a vertical tab in a text is refused by its own header; one that was begun again is delivered."""
    reply = await exchange(delivery, meter, **settings).handle(payload, PEER, dropped)
    answers = [ack for block in reply.blocks for ack in (cut(block).messages or [block])]
    assert expected == [
        f"{answer_code(ack)} {acknowledged_id(ack).decode()}" if len(ack) > 1 else ack.hex() for ack in answers
    ]
    assert (None if expected else Rejection.NO_HEADER) == reply.rejection
    assert ([] if expected != ["AA C2"] else 1 * [adt("C2")]) == delivery.payloads


def test_batch_turned_away(delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A batch that is too large is answered by a batch."""
    (block,) = exchange(delivery, meter).turn_away(FHS + BHS + adt("C1")).blocks
    assert block.startswith(b"FHS|^~\\&|RA|")
    assert ["AE"] == [answer_code(ack) for ack in cut(block).messages]


async def test_batch_that_wants_few_answers(delivery: FakeDelivery, meter: FakeMeter) -> None:
    """Only the acknowledgements that the headers ask for are in the batch; if none, there is no batch."""
    exchanged = exchange(delivery, meter)
    reply = await exchanged.handle(BHS + adt("C1", "NE|NE") + adt("C2", "AL|NE") + b"BTS|2\r", PEER)
    assert 1 == len(cut(reply.blocks[0]).messages)
    assert b"\rBTS|1\r" in reply.blocks[0]
    reply = await exchanged.handle(BHS + adt("C1", "NE|NE") + b"BTS|1\r", PEER)
    assert [] == reply.blocks


async def test_empty_batch(delivery: FakeDelivery, meter: FakeMeter) -> None:
    """An empty batch is answered by an empty batch."""
    reply = await exchange(delivery, meter).handle(BHS + b"BTS|0\r", PEER)
    (block,) = reply.blocks
    assert block.startswith(b"BHS|")
    assert block.endswith(b"\rBTS|0\r")


async def test_batch_stops_where_the_store_is_gone(delivery: FakeDelivery, meter: FakeMeter) -> None:
    """With `when_unavailable: close`, the first message that cannot be delivered ends the batch."""
    delivery.outcomes = {"C2": Unavailable("down")}
    exchanged = exchange(delivery, meter, when_unavailable="close")
    reply = await exchanged.handle(BHS + adt("C1") + adt("C2") + adt("C3") + b"BTS|3\r", PEER)
    assert (True, 2) == (reply.hang_up, len(delivery.messages))


@pytest.mark.parametrize("control_id", [" " * 2000 + "C1", "C1" + " " * 2000, "\\T\\" * 700, "C1^" + "X" * 2000])
async def test_control_id_that_hides(control_id: str, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A control ID of which only a part would be read identifies nothing."""
    await exchange(delivery, meter).handle(adt(control_id), PEER)
    assert {} == delivery.messages[0].identifiers


async def test_long_control_id(delivery: FakeDelivery, meter: FakeMeter) -> None:
    """What is too long to be a control ID identifies nothing and reaches no log; the answer echoes it all the same."""
    reply = await exchange(delivery, meter).handle(adt("C" * 200), PEER)
    assert {} == delivery.messages[0].identifiers
    assert b"|" + b"C" * 200 + b"\r" in reply.blocks[0]


RELEASE_2 = {
    "stored": (adt("C1"), b"\x06", ["06"]),
    "not stored": (adt("C2"), b"\x15", ["15"]),
    "asks for no HL7 answer": (adt("C1", "NE|NE"), b"\x06", ["06"]),
    "a batch, one of it not stored": (BHS + adt("C1") + adt("C2") + b"BTS|2\r", b"\x15", ["06", "15"]),
    "an acknowledgement": (b"MSH|^~\\&|A|B|C|D|||ACK^A01^ACK|1|P|2.5\rMSA|AA|C1\r", b"\x06", []),
}


@pytest.mark.parametrize(("data", "expected", "labels"), RELEASE_2.values(), ids=RELEASE_2)
async def test_release_2(
    data: bytes, expected: bytes, labels: list[str], delivery: FakeDelivery, meter: FakeMeter
) -> None:
    """In MLLP release 2 a block is answered by one octet, which is positive only if all of it is stored."""
    delivery.outcomes = {"C2": Unavailable("down")}
    reply = await exchange(delivery, meter, mllp_release=2).handle(data, PEER)
    assert [expected] == reply.blocks
    assert labels == [answer.code for settled in reply.messages for answer in settled.answers]


OUTCOMES: tuple[Outcome | Exception, ...] = (
    Stored(),
    Stored(b"MSH|^~\\&|A\rMSA|AA|C1\r"),
    Stored(b"MSH|^~\\&|A\rMSA|CA|C1\rMSA|AE|C2\r"),
    Stored(b"\x0bno\x1c"),
    Stored(is_committed=True),
    Refused("bad", b"MSH|^~\\&|A\nMSA|AE|C1\n", code="103"),
    Refused("unknown", unsupported=True),
    Unavailable("down"),
    ZeroDivisionError("SECRET"),
)
OPTIONS: tuple[dict[str, str | int], ...] = (
    {},
    {"charset": "8859/1"},
    {"segment_end": "cr"},
    {"mllp_release": 2},
    {"when_unavailable": "close", "application_ack": "never"},
)


def handled(data: bytes, outcome: Outcome | Exception, options: dict[str, str | int], *, short: bool) -> object:
    """Return all that is seen of a block that is handled, on the short way where there is one or on the general."""
    delivery, meter = FakeDelivery(outcome), FakeMeter()
    with (
        pytest.MonkeyPatch.context() as patch,
        capture_logs() as logs,
        asyncio.Runner(loop_factory=new_event_loop) as runner,
    ):
        patch.setattr("adapters.mllp.exchange.local_now", lambda: datetime(2026, 1, 2, tzinfo=UTC))
        used = exchange(delivery, meter, **options)
        reply = runner.run((used.handle if short else used.handle_any)(data, PEER))
    delivered = [replace(each, facts=dict(each.facts)) for each in delivery.messages]
    return reply, delivered, delivery.payloads, meter, logs


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("outcome", OUTCOMES, ids=str)
def test_short_way(outcome: Outcome | Exception, options: dict[str, str | int]) -> None:
    """An ordinary message is delivered, answered and counted as on the general way."""
    assert handled(adt("C1"), outcome, options, short=False) == handled(adt("C1"), outcome, options, short=True)


@settings(max_examples=500)
@given(blocks(), st.sampled_from(OUTCOMES), st.sampled_from(OPTIONS))
def test_short_way_of_any_block(data: bytes, outcome: Outcome | Exception, options: dict[str, str | int]) -> None:
    """Every block is delivered, answered and counted as on the general way."""
    assert handled(data, outcome, options, short=False) == handled(data, outcome, options, short=True)


async def test_short_way_is_taken(delivery: FakeDelivery, meter: FakeMeter, monkeypatch: pytest.MonkeyPatch) -> None:
    """An ordinary message does not go the general way."""
    monkeypatch.setattr(Exchange, "handle_any", lambda *_: 1 // 0)
    reply = await exchange(delivery, meter).handle(adt("C1"), PEER)
    assert ["AA"] == [answer_code(block) for block in reply.blocks]


@pytest.mark.parametrize("told", [True, False])
async def test_an_acknowledgement_is_told(told: bool, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """An ACK that comes in is told to the destinations that may wait for it, with the peer's address."""
    heard: list[tuple[bytes, str]] = []
    acknowledgements = Acknowledgements()
    acknowledgements.subscribe(lambda block, peer_ip: heard.append((block, peer_ip)))
    settings = MllpListenerSettings(kind="mllp", port=0)
    handler = Exchange("adt", settings, delivery, meter, id_source(), acknowledgements if told else None)
    await handler.handle(ACK % b"", PEER)
    assert ([(ACK % b"", PEER[0])] if told else []) == heard
