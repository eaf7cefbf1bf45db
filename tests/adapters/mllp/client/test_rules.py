"""The rules of one connection: tables, every schedule of two messages, every cut of the answers, a model peer."""

from collections.abc import Callable, Sequence
from functools import partial

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from adapters.hl7.verdict import Verdict
from adapters.mllp.client import rules as rules_module
from adapters.mllp.client.events import Answered, Cause, Event, MaybeSent, NotSent, PassedOver
from adapters.mllp.client.outgoing import Outgoing
from adapters.mllp.client.rules import Line, Rules
from adapters.mllp.events import Fault
from adapters.mllp.framing import frame
from gateway.contract.errors import LocalProtocolError
from tests.adapters.mllp.client.model import ack, false_stored, message

AA = Answered("AA", ack("C1")[1:-2], is_positive=True)


def sent(line: Line | None = None, control_id: str = "C1") -> Line:
    """Return a connection on which a message was handed over."""
    line = line or Line()
    line.send(message(control_id))
    line.left()
    return line


def answered(wire: bytes, rules: Rules | None = None) -> list[Event]:
    """Return what *wire* tells about message C1."""
    return sent(Line(rules or Rules())).receive_data(wire)


VERDICTS: dict[str, tuple[bytes, list[Event]]] = {
    "accepted": (ack("C1"), [AA]),
    "committed": (ack("C1", "CA"), [Answered("CA", ack("C1", "CA")[1:-2], is_positive=True)]),
    "refused": (ack("C1", "AE"), [Answered("AE", ack("C1", "AE")[1:-2], is_positive=False)]),
    "lower case": (ack("C1", "aa"), [Answered("AA", ack("C1", "aa")[1:-2], is_positive=True)]),
    "no MSA-2": (ack(""), [MaybeSent(Cause.NAMES_NONE)]),
    "another MSA-2": (ack("C9"), [MaybeSent(Cause.NAMES_ANOTHER)]),
    "a prefix": (ack("C"), [MaybeSent(Cause.NAMES_ANOTHER)]),
    "unknown code": (ack("C1", "OK"), [MaybeSent(Cause.NO_VERDICT)]),
    "no MSA": (frame(b"MSH|^~\\&|\rNTE|1||MSA|AA|C1\r"), [MaybeSent(Cause.NO_VERDICT)]),
    "no header": (frame(b"MSA|AA|C1\r"), [MaybeSent(Cause.NO_VERDICT)]),
    "not HL7": (frame(b"XYZ|1"), [MaybeSent(Cause.NO_VERDICT)]),
    "release 2": (frame(b"\x06"), [MaybeSent(Cause.NO_VERDICT)]),
    "not MLLP": (b"HTTP/1.1 400 Bad Request\r\n\r\n", [MaybeSent(f"{Cause.NOT_MLLP}: {Fault.NO_START}")]),
    "stray octets first": (b"\r\n\0 " + ack("C1"), [AA]),
    "half": (ack("C1")[:-2], []),
}


@pytest.mark.parametrize(("wire", "events"), VERDICTS.values(), ids=VERDICTS)
def test_verdicts(wire: bytes, events: list[Event]) -> None:
    """Only an answer that names the message says what became of it."""
    assert events == answered(wire)


@pytest.mark.parametrize(
    "wire", [wire for wire, events in VERDICTS.values() if events and isinstance(events[0], MaybeSent)]
)
def test_doubt_closes(wire: bytes) -> None:
    """After a maybe the connection is closed."""
    line = sent()
    line.receive_data(wire)
    assert line.is_closed


BLOCKS = {
    "lines end with LF": b"MSH|^~\\&|C|D|A|B\nMSA|AA|C1\n",
    "lines end with CR LF": b"MSH|^~\\&|C|D|A|B\r\nMSA|AA|C1\r\n",
    "no last CR": b"MSH|^~\\&|C|D|A|B\rMSA|AA|C1",
    "other delimiters": b"MSH#*~\\&#C#D#A#B\rMSA#AA#C1\r",
    "a query response": b"MSH|^~\\&|C|D|A|B|||RSP^K22\rMSA|AA|C1\rQAK|1\rPID|1\r",
    "blanks around": b"MSH|^~\\&|C|D|A|B\rMSA| aa | C1 \r",
    "a batch of one": b"BHS|^~\\&|C\rMSH|^~\\&|C\rMSA|AA|C1\rBTS|1\r",
}


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_forms(block: bytes) -> None:
    """Answers of many forms are read."""
    assert [Answered("AA", block, is_positive=True)] == answered(frame(block))


def test_two_in_one() -> None:
    """A batch that answers two messages is no answer."""
    block = b"BHS|^~\\&|C\rMSH|^~\\&|C\rMSA|AA|C1\rMSH|^~\\&|C\rMSA|AE|C1\rBTS|2\r"
    assert [MaybeSent(Cause.NO_VERDICT)] == answered(frame(block))


OCTETS = {b"\x06": (True, "06"), b"\x15": (False, "15")}


@pytest.mark.parametrize(("octet", "expected"), OCTETS.items())
def test_release_2(octet: bytes, expected: tuple[bool, str]) -> None:
    """In release 2 one octet answers."""
    is_positive, code = expected
    assert [Answered(code, octet, is_positive=is_positive)] == answered(frame(octet), Rules(release=2))


def test_release_2_while_idle() -> None:
    """An octet that answers nothing makes the connection unusable: the next one could be credited wrongly."""
    line = sent(Line(Rules(release=2)))
    line.receive_data(frame(b"\x06") * 2)
    assert line.is_closed


def test_ends() -> None:
    """What the end of a connection means depends on whether the whole block has left."""
    unsent = Line()
    unsent.send(message("C1"))
    assert [NotSent()] == unsent.lose()
    assert [MaybeSent(Cause.RESET)] == sent().lose()
    assert [MaybeSent(Cause.CLOSED)] == sent().receive_eof()
    assert [MaybeSent(Cause.SILENT)] == sent().time_out()


def test_slow_reader() -> None:
    """A receiver that does not take the message in time has not got it."""
    line = Line()
    line.send(message("C1"))
    assert [NotSent(Cause.NOT_READING)] == line.time_out()


def test_too_early() -> None:
    """An answer before the whole message has left is no answer."""
    line = Line()
    line.send(message("C1"))
    assert [MaybeSent(Cause.TOO_EARLY)] == line.receive_data(ack("C1"))


def test_late_answer() -> None:
    """A late or second answer to a settled message is passed over, and the next message gets its own."""
    line = sent()
    line.receive_data(ack("C1"))
    line = sent(line, "C2")
    events = line.receive_data(ack("C1") + ack("C1", "CA") + ack("C2"))
    assert [True, False] == [each.is_repeated for each in events if isinstance(each, PassedOver)]
    assert Answered("AA", ack("C2")[1:-2], is_positive=True) == events[-1]


def test_control_id_once() -> None:
    """A control ID is not sent twice on one connection."""
    line = sent()
    line.receive_data(ack("C1"))
    assert (False, True) == (line.may_send(b"C1"), line.may_send(b"C2"))
    with pytest.raises(LocalProtocolError):
        line.send(message("C1"))


@pytest.mark.parametrize("wire", [b"X", b"\x0bMSH", ack("C9"), ack("C1")[:-1]])
def test_octets_while_idle(wire: bytes) -> None:
    """A connection on which anything unexpected came is not used again."""
    line = sent()
    line.receive_data(ack("C1"))
    line.receive_data(wire)
    assert not line.may_send(b"C2")


def test_stray_while_idle() -> None:
    """Line ends and blanks, by which some keep a connection, do not matter."""
    line = sent()
    line.receive_data(ack("C1") + b"\r\n\0 ")
    assert line.may_send(b"C2")


def test_most_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection does not remember control IDs without an end: it is replaced."""
    monkeypatch.setattr(rules_module, "MOST_KNOWN", 1)
    line = sent()
    line.receive_data(ack("C1"))
    assert not line.may_send(b"C2")


@pytest.mark.parametrize("flood", [b"\x0b\x1c\r" * 10, ack("C1")], ids=["empty blocks", "old answers"])
def test_flood(flood: bytes) -> None:
    """A receiver that never stops is left; what comes behind each message counts anew."""
    line = Line()
    for control_id in ("C1", "C2", "C3"):
        sent(line, control_id)
        line.receive_data(ack(control_id) + b"\x0b\x1c\r" * 10_000)
    assert line.may_send(b"C4")
    for _ in range(3000):
        line.receive_data(flood)
    assert line.is_closed


def test_flood_instead_of_an_answer() -> None:
    """It is also left where it says nothing else."""
    assert [MaybeSent(Cause.TOO_MUCH)] == answered(b"\x0b\x1c\r" * 30_000)


def test_large_answer() -> None:
    """A large answer is no flood."""
    large = b"MSH|^~\\&|R|||||RSP^K22\rMSA|AA|C1\rPID|" + b"A" * 5_000_000
    line = sent()
    events = line.receive_data(b"\x0b" + large[:1_000_000]) + line.receive_data(large[1_000_000:] + b"\x1c\r")
    assert [Answered("AA", large, is_positive=True)] == events


BOTH = Outgoing(b"MSH", b"C1", b"C1", wants_both=True)


@pytest.mark.parametrize(
    ("wire", "second"), [(ack("C1", "AE"), ack("C1", "AE")[1:-2]), (b"", b"")], ids=["came", "did not come"]
)
def test_both_answers(wire: bytes, second: bytes) -> None:
    """The second answer of enhanced mode is waited for, and is missed where it does not come."""
    line = Line()
    line.send(BOTH)
    line.left()
    assert ([], True) == (line.receive_data(ack("C1", "CA")), line.awaits_application)
    events = line.receive_data(wire) or line.time_out()
    assert [Answered("CA", ack("C1", "CA")[1:-2], is_positive=True, second=second)] == events
    assert not line.is_closed


def test_unanswered() -> None:
    """A message that asks for no answer occupies the connection until it has left; an answer to it is passed over."""
    line = Line()
    line.send(Outgoing(b"MSH", b"C1", b"C1", is_unanswered=True))
    assert not line.may_send(b"C2")
    line.left()
    assert line.may_send(b"C2")
    assert [PassedOver(b"C1", "AA", ack("C1")[1:-2])] == line.receive_data(ack("C1"))


def test_cut_ids() -> None:
    """Where a receiver may cut control IDs, the first 20 characters count, and are used once."""
    long = Outgoing(b"MSH", b"A" * 20, b"A" * 21)
    line = Line()
    line.send(long)
    line.left()
    assert isinstance(line.receive_data(ack("A" * 20))[0], Answered)
    assert not line.may_send(b"A" * 20)


class Forgetful(Line):
    """Does not mind that a control ID was used on the connection before."""

    def may_send(self, control_id: bytes) -> bool:
        """Forget it."""
        self._known.pop(control_id, None)
        return super().may_send(control_id)


class Credulous(Line):
    """Takes every acknowledgement for the answer, as clients do that do not match."""

    def _is_ours(self, verdict: Verdict) -> bool:
        return self._outstanding is not None


class Lenient(Line):
    """Takes an acknowledgement without MSA-2 for the answer, on a connection of several messages."""

    def _is_ours(self, verdict: Verdict) -> bool:
        return self._outstanding is not None and (not verdict.named or super()._is_ours(verdict))


@pytest.mark.parametrize("ids", [("C1", "C2"), ("C1", "C1")], ids=["distinct", "one ID twice"])
def test_every_schedule(ids: tuple[str, str]) -> None:
    """Over every schedule of two messages, nothing counts as stored that the receiver has not stored."""
    assert 0 == false_stored(Line, Rules(), ids)
    assert 0 == false_stored(Line, Rules(takes_unnamed=True), ids, each_its_own=True)


@pytest.mark.parametrize(
    ("mistaken", "ids"),
    [(Forgetful, ("C1", "C1")), (Credulous, ("C1", "C2")), (Lenient, ("C1", "C2"))],
)
def test_the_search_finds_mistakes(mistaken: type[Line], ids: tuple[str, str]) -> None:
    """The search would find each of the rules missing."""
    assert 0 < false_stored(mistaken, Rules(), ids)


REPLIES: Sequence[bytes] = [
    *(wire for wire, _ in VERDICTS.values()),
    *map(frame, BLOCKS.values()),
    ack("C1") + ack("C1"),
    ack("C0") + ack("C1"),
    b"\x0b\x0b" + ack("C1")[1:],
    b"\x0b\x1c\r" + ack("C1"),
]


@pytest.mark.parametrize("end", ["rest", "eof", "lost", "silence"])
def test_every_cut(end: str) -> None:
    """However TCP cuts an answer and whatever follows, it is stored only once its whole block is there."""
    for reply in REPLIES:
        whole = answered(reply)
        for cut in range(len(reply) + 1):
            line = sent()
            events = line.receive_data(reply[:cut])
            ends: dict[str, Callable[[], list[Event]]] = {
                "rest": partial(line.receive_data, reply[cut:]),
                "eof": line.receive_eof,
                "lost": line.lose,
            }
            events += ends.get(end, line.time_out)()
            verdicts = [each for each in events if not isinstance(each, PassedOver)]
            if end == "rest":
                assert verdicts == [each for each in whole if not isinstance(each, PassedOver)]
            elif verdicts and isinstance(verdicts[0], Answered):
                assert verdicts[:1] == whole[:1]
                assert b"\x1c\r" in reply[:cut]
            else:
                assert [MaybeSent] == [type(each) for each in verdicts]


class ModelPeer(RuleBasedStateMachine):
    """Any conversation with a receiver that answers truly, but when and how often it likes."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.dial()

    def dial(self) -> None:
        """Begin a new connection."""
        self.line = Line()
        self.received: list[tuple[str, int]] = []
        self.outstanding: int | None = None
        self.stored: dict[int, bool] = {}

    @rule(control_id=st.sampled_from(["C1", "C2", "C3"]), stores=st.booleans())
    def send(self, control_id: str, stores: bool) -> None:
        """Send a message, on a new connection where the old one cannot take it."""
        if self.outstanding is not None:
            return
        if not self.line.may_send(control_id.encode()):
            self.dial()
        self.count += 1
        self.line.send(message(control_id))
        self.take(self.line.left())
        self.outstanding = self.count
        self.received.append((control_id, self.count))
        self.stored[self.count] = stores

    @precondition(lambda self: self.received)
    @rule(data=st.data(), sort=st.sampled_from(["A", "C"]), is_unnamed=st.booleans())
    def answer(self, data: st.DataObject, sort: str, is_unnamed: bool) -> None:
        """Answer any message that came on this connection, now or again."""
        control_id, number = data.draw(st.sampled_from(self.received))
        code = sort + ("A" if self.stored[number] else "E")
        self.take(self.line.receive_data(ack("" if is_unnamed else control_id, code)))

    @rule(octets=st.sampled_from([b"\r\n", b"X", b"\x0b", b"\x1c", b"\x0bMSH|^~\\&|\rMSA|AA|C"]))
    def say(self, octets: bytes) -> None:
        """Say anything else."""
        self.take(self.line.receive_data(octets))

    @rule(end=st.sampled_from(["receive_eof", "lose", "time_out"]))
    def end(self, end: str) -> None:
        """End the connection, or the time."""
        self.take(getattr(self.line, end)())

    def take(self, events: list[Event]) -> None:
        """Check each verdict."""
        for event in events:
            if isinstance(event, PassedOver):
                continue
            assert self.outstanding is not None, "a verdict without a message"
            if isinstance(event, Answered) and event.is_positive:
                assert self.stored[self.outstanding], "stored, and the receiver has not stored it"
            self.outstanding = None

    @invariant()
    def closed_lines_owe_nothing(self) -> None:
        """Hold that a closed connection has given the verdict of its message."""
        assert not (self.line.is_closed and self.outstanding is not None)


TestModelPeer = ModelPeer.TestCase
TestModelPeer.settings = hypothesis_settings(max_examples=300, stateful_step_count=30, deadline=None)
