"""A model of a receiver, and of a sender that has one connection at a time: what the searches are run against."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from adapters.mllp.client.events import Answered, Event, MaybeSent, NotSent
from adapters.mllp.client.outgoing import Outgoing
from adapters.mllp.client.rules import Line, Rules
from adapters.mllp.framing import frame


def message(control_id: str) -> Outgoing:
    """Return a message to send."""
    payload = f"MSH|^~\\&|A|B|C|D|||ADT^A01|{control_id}|P|2.5\r".encode()
    return Outgoing(payload, control_id.encode(), control_id.encode())


def ack(control_id: str, code: str = "AA") -> bytes:
    """Return the octets of an acknowledgement."""
    return frame(f"MSH|^~\\&|C|D|A|B|||ACK|9|P|2.5\rMSA|{code}|{control_id}\r".encode())


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a receiver does with one message."""

    stores: bool
    when: str
    """``now``, ``late`` (behind the sender's time-out) or ``next`` (after the next message has come)."""
    says: str
    """``right``, ``unnamed``, ``garbage`` or ``half`` an answer."""
    repeats: bool
    """Whether the answer comes a second time, after the next message."""
    closes: str
    """``no``, ``before`` the answer, or ``behind`` it."""

    def answer(self, control_id: str) -> bytes:
        """Return the octets of its answer: positive only for what it stored."""
        wire = ack("" if self.says == "unnamed" else control_id, "AA" if self.stores else "AE")
        return {"garbage": frame(b"XYZ|1"), "half": wire[: len(wire) // 2]}.get(self.says, wire)


BEHAVIOURS = [
    Behaviour(*each)
    for each in product(
        (True, False),
        ("now", "late", "next"),
        ("right", "unnamed", "garbage", "half"),
        (False, True),
        ("no", "before", "behind"),
    )
]


class Sender:
    """Sends messages one after another on one connection, and on a new one where the rules want that."""

    def __init__(self, line_type: type[Line], rules: Rules, *, each_its_own: bool = False) -> None:
        self._type, self._rules, self._each_its_own = line_type, rules, each_its_own
        self.line = line_type(rules)
        self.owed: list[bytes] = []
        """What the receiver still sends on this connection after the next message."""

    def deliver(self, control_id: str, behaviour: Behaviour) -> Event | None:
        """Send one message; return its verdict."""
        if self._each_its_own or not self.line.may_send(control_id.encode()):
            self.line, self.owed = self._type(self._rules), []
        self.line.send(message(control_id))
        verdicts = [each for each in self._conversation(control_id, behaviour) if not _is_passed_over(each)]
        assert len(verdicts) == 1
        return verdicts[0]

    def _conversation(self, control_id: str, behaviour: Behaviour) -> Iterator[Event]:
        line, owed, answer = self.line, self.owed, behaviour.answer(control_id)
        self.owed = [answer] * (behaviour.when == "next") + [answer] * behaviour.repeats
        yield from line.left()
        for each in owed:  # in the middle of this message
            yield from line.receive_data(each)
        if behaviour.closes == "before":
            yield from line.receive_eof()
            return
        if behaviour.when == "now":
            yield from line.receive_data(answer)
        if line._outstanding is not None and not line.is_closed:
            yield from line.time_out()
            if behaviour.when == "late":
                yield from line.receive_data(answer)
        if behaviour.closes == "behind":
            yield from line.receive_eof()


def _is_passed_over(event: Event) -> bool:
    return not isinstance(event, Answered | MaybeSent | NotSent)


def false_stored(line_type: type[Line], rules: Rules, ids: tuple[str, str], *, each_its_own: bool = False) -> int:
    """Return how often a message counts as stored that the receiver has not, over every schedule of two messages."""
    count = 0
    for schedule in product(BEHAVIOURS, repeat=2):
        sender = Sender(line_type, rules, each_its_own=each_its_own)
        for control_id, behaviour in zip(ids, schedule, strict=True):
            verdict = sender.deliver(control_id, behaviour)
            count += isinstance(verdict, Answered) and verdict.is_positive and not behaviour.stores
    return count
