"""Messages go through their steps before a destination gets them."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from errno import EIO
from typing import cast

import pytest

from adapters.hl7.validation.settings import ValidateHl7v2Settings
from gateway.contract.body import Body, Buffer, WholeBody
from gateway.contract.destination import BatchDestination
from gateway.contract.errors import StepRefused
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable, is_by_step
from gateway.contract.outlook import Outlook
from gateway.contract.step import Step
from gateway.flow.steps import SteppedDestination, open_steps, stepped
from gateway.telemetry.metrics import Metrics
from tests.gateway.fakes import FakeDestination, make_message
from tests.mllp_client import adt


async def capitals(message: Message) -> Message | Refused:
    """Make every letter a capital; refuse a message with a digit."""
    assert isinstance(message.body, WholeBody)
    if any(octet in b"0123456789" for octet in message.body.data):
        return Refused("it has a digit", code="102")
    return replace(message, body=WholeBody(message.body.data.upper()))


async def doubled(message: Message) -> Message | Refused:
    """Say everything twice."""
    assert isinstance(message.body, WholeBody)
    return replace(message, body=WholeBody(message.body.data * 2))


class StreamedBody:
    """A streamed copy of another body."""

    length = None
    replayable = False

    def __init__(self, body: Body) -> None:
        self._body = body

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the same octets in pieces."""
        async for chunk in self._body.chunks():
            yield chunk


class BrokenBody:
    """A body whose second half a step cannot take."""

    length = None
    replayable = False

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the first half."""
        yield b"half"
        raise StepRefused(Refused("the rest is no data set", code="C000"))


async def broken(message: Message) -> Message | Refused:
    """Return a body that raises a refusal after its first half."""
    return replace(message, body=BrokenBody())


async def unreadable(message: Message) -> Message | Refused:
    """Raise the error of a disk that cannot be read."""
    raise OSError(EIO, "Input/output error", f"/var/lib/hilum/{message.message_id}")


STEPS: dict[str, Step] = {"unreadable": unreadable, "capitals": capitals, "doubled": doubled, "broken": broken}


def through(*names: str, body: bytes = b"ab") -> Message:
    """Return a message that has to go through steps of these names."""
    return replace(make_message(body), via=names)


@pytest.mark.parametrize(
    ("names", "expected"), [((), b"ab"), (("capitals",), b"AB"), (("doubled", "capitals"), b"ABAB")]
)
async def test_in_order(names: tuple[str, ...], expected: bytes) -> None:
    """The destination gets the result of the last step, after all steps have run in order."""
    store = FakeDestination()
    assert Stored() == await stepped(store, STEPS).deliver(through(*names))
    assert [expected] == store.received


class WholeDestination(FakeDestination):
    """Keeps bodies as it gets them."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[Body] = []

    async def deliver(self, message: Message) -> Outcome:
        """Take a body."""
        self.bodies.append(message.body)
        return Stored()


async def test_whole() -> None:
    """A body that is in memory stays so: the audit trail reads the patient in all of it, not in its beginning."""
    store = WholeDestination()
    assert Stored() == await SteppedDestination(store, STEPS).deliver(through("capitals"))
    assert [WholeBody(b"AB")] == store.bodies


async def test_refused() -> None:
    """A message that a step refuses is not delivered; the reason names the step."""
    store = FakeDestination()
    outcome = await stepped(store, STEPS).deliver(through("doubled", "capitals", body=b"a1"))
    assert Refused("step capitals: it has a digit", code="102") == outcome
    assert [] == store.received


async def test_step_that_is_gone() -> None:
    """A message with an unconfigured step is not delivered unchanged; it is parked soon, with the remedy."""
    store = FakeDestination()
    outcome = await stepped(store, {}).deliver(through("capitals"))
    assert isinstance(outcome, Unavailable)
    assert (Outlook.DOUBTFUL, True) == (outcome.outlook, "put it back into `steps`" in outcome.reason)
    assert [] == store.received


async def test_unreadable_while_a_step_works() -> None:
    """A payload that cannot be read now makes the message be tried again, as without steps."""
    outcome = await stepped(FakeDestination(), STEPS).deliver(through("unreadable"))
    reason = "step unreadable: the message, or what the step needs, cannot be read (Input/output error)"
    assert Unavailable(reason) == outcome


class PatientStore(FakeDestination):
    """A destination that returns its own outcome when reading the body fails."""

    async def deliver(self, message: Message) -> Outcome:
        """Read the body until it raises."""
        try:
            return await super().deliver(message)
        except StepRefused:
            return Unavailable("the body broke")


@pytest.mark.parametrize("store", [FakeDestination(), PatientStore()], ids=["it raises", "it tells another outcome"])
async def test_refused_in_the_middle(store: FakeDestination) -> None:
    """A refusal in the middle of a body is the outcome, whatever the destination returns."""
    outcome = await stepped(store, STEPS).deliver(through("broken"))
    assert Refused("step broken: the rest is no data set", code="C000") == outcome


async def test_the_step_that_refuses_is_named_once() -> None:
    """When a later step streams the body of an earlier one, a refusal names the earlier step that refused."""

    async def streaming(message: Message) -> Message | Refused:
        return replace(message, body=StreamedBody(message.body))

    store = FakeDestination()
    outcome = await stepped(store, {**STEPS, "streaming": streaming}).deliver(through("broken", "streaming"))
    assert Refused("step broken: the rest is no data set", code="C000") == outcome


async def test_refused_in_the_middle_while_a_later_step_reads() -> None:
    """A step that reads the body of an earlier one to its end does not hide that the earlier one refuses it."""

    async def reading(message: Message) -> Message | Refused:
        return replace(message, body=WholeBody(b"".join([bytes(each) async for each in message.body.chunks()])))

    outcome = await stepped(FakeDestination(), {**STEPS, "reading": reading}).deliver(through("broken", "reading"))
    assert Refused("step broken: the rest is no data set", code="C000") == outcome


BY_STEP = [("unreadable",), ("unknown",), ("broken",), ("capitals",), ("capitals", "broken")]


@pytest.mark.parametrize("names", BY_STEP)
async def test_who_decided(names: tuple[str, ...]) -> None:
    """What a step refuses or cannot do says nothing of the destination, alone and in a batch."""
    batch = cast("BatchDestination", stepped(PatientBatchStore(), STEPS))
    message = through(*names, body=b"1")
    assert [True, True] == [is_by_step(each) for each in (await batch.deliver(message), *await _many(batch, message))]


async def _many(batch: BatchDestination, message: Message) -> list[Outcome]:
    return (await batch.deliver_many([through("capitals"), message]))[1:]


async def test_the_destination_decided() -> None:
    """What the destination refuses, or cannot do, is its own answer."""
    answers: list[Outcome] = [Refused("no"), Unavailable("down"), Stored()]
    before = stepped(FakeDestination(answers), STEPS)
    assert [False] * 3 == [is_by_step(await before.deliver(through("capitals"))) for _ in range(3)]


class BatchStore(FakeDestination):
    """Takes several messages at once."""

    async def deliver_many(self, messages: Sequence[Message]) -> list[Outcome]:
        """Take one after the other."""
        return [await self.deliver(each) for each in messages]


class PatientBatchStore(PatientStore, BatchStore):
    """Takes several messages at once, and returns its own outcome for a body that cannot be read."""


async def test_batch() -> None:
    """Of several messages those that no step refuses are sent, and each gets its own outcome."""
    store = BatchStore()
    batch = cast("BatchDestination", stepped(store, STEPS))
    messages = [through("capitals"), through("capitals", body=b"1"), through(body=b"1")]
    assert [Stored(), Refused("step capitals: it has a digit", code="102"), Stored()] == await batch.deliver_many(
        messages
    )
    assert [b"AB", b"1"] == store.received


async def test_refused_in_the_middle_of_a_batch() -> None:
    """A refusal in the middle of one body is the outcome of that message only."""
    batch = cast("BatchDestination", stepped(PatientBatchStore(), STEPS))
    refused = Refused("step broken: the rest is no data set", code="C000")
    assert [refused, Stored()] == await batch.deliver_many([through("broken"), through("capitals")])


async def test_batch_without_steps() -> None:
    """A batch that has no steps goes on as it is."""
    store = BatchStore()
    assert [Stored()] == await cast("BatchDestination", stepped(store, {})).deliver_many([through()])


async def test_what_it_stands_for() -> None:
    """A stepped destination has the name and state of its destination, and takes batches only if that does."""
    store = FakeDestination()
    store.unreachable = "gone"
    before = stepped(store, STEPS)
    assert (store.name, "gone", SteppedDestination) == (before.name, await before.probe(), type(before))


async def test_results_are_counted() -> None:
    """A kind of step that finds something out has a metric, whose results are shown from the start."""
    settings = {"check": ValidateHl7v2Settings.model_validate({"kind": "validate_hl7v2"})}
    metrics = Metrics()
    async with open_steps(settings, metrics) as steps:  # type: ignore[arg-type]
        await steps["check"](make_message(adt("C1")))
    shown = metrics.render().decode()
    counts = re.findall(r'hilum_hl7v2_validated_total{result="([a-z_]+)",step="check"} ([0-9.]+)', shown)
    assert {"valid", "invalid", "not_validated"} == {result for result, _ in counts}
    assert 1 == sum(float(count) for _, count in counts)


@pytest.mark.parametrize(("names", "expected"), [((), b"abab"), (("capitals",), b"ABAB")])
async def test_steps_of_the_destination(names: tuple[str, ...], expected: bytes) -> None:
    """They run behind those of the route, on every message, one by one and in batches."""
    store = FakeDestination()
    assert Stored() == await stepped(store, STEPS, ("doubled",)).deliver(through(*names))
    batch = FakeBatch()
    destination = cast("BatchDestination", stepped(batch, STEPS, ("doubled",)))
    assert [Stored(), Stored()] == await destination.deliver_many([through(*names), through(*names)])
    assert [expected] == store.received
    assert [expected, expected] == batch.received


async def test_step_of_the_destination_that_is_gone() -> None:
    """Without its step, a destination gets nothing at all."""
    store = FakeDestination()
    outcome = await stepped(store, {}, ("anonymous",)).deliver(through())
    assert isinstance(outcome, Unavailable)
    assert [] == store.received


class FakeBatch(FakeDestination):
    """Takes several messages at once."""

    async def deliver_many(self, messages: Sequence[Message]) -> list[Outcome]:
        """Take them one by one."""
        return [await self.deliver(each) for each in messages]


async def renamed(message: Message) -> Message:
    """Give the message another control ID."""
    return replace(message, identifiers={"control_id": "NEW"})


async def renamed_streamed(message: Message) -> Message:
    """Give the message another control ID, and a streamed body."""
    return replace(message, body=StreamedBody(message.body), identifiers={"control_id": "NEW"})


REPLY = b"MSH|^~\\&\rMSA|AA|NEW\r"


@pytest.mark.parametrize("step", [renamed, renamed_streamed])
@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (Stored(REPLY, second=REPLY), Stored()),
        (Refused("no", REPLY, "207"), Refused("no", None, "207")),
        (Unavailable("busy", reply=REPLY), Unavailable("busy")),
        (Stored(code="B000"), Stored(code="B000")),
    ],
)
async def test_reply_to_another_message(step: Step, outcome: Outcome, told: Outcome) -> None:
    """A reply names the control ID that the step has made; the sender would not know it."""
    store = FakeDestination([outcome])
    assert told == await stepped(store, {"renamed": step}).deliver(through("renamed"))


async def test_reply_to_the_same_message() -> None:
    """A reply to a message that keeps its control ID is relayed."""
    store = FakeDestination([Stored(REPLY)])
    assert Stored(REPLY) == await stepped(store, STEPS).deliver(through("capitals"))
