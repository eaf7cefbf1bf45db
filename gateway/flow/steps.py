"""The steps of a route, between what was received and a destination.

A message carries the names of its steps (``via``): in relay mode from the route, in commit mode out of the spool, which
holds the message as it was received. So a mapping that was wrong is mended, and the parked messages are tried again.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import cast

from gateway.config.models import AnyStep
from gateway.contract.body import Body, Buffer, WholeBody
from gateway.contract.destination import BatchDestination, Destination
from gateway.contract.errors import GatewayError, StepRefused
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Unavailable
from gateway.contract.outlook import Outlook
from gateway.contract.step import Step
from gateway.kinds import KINDS
from gateway.telemetry.metrics import Metrics

UNKNOWN = "the step {name!r} of the message is not configured; put it back into `steps`, or discard the message"

UNREADABLE = "the message, or what the step needs, cannot be read"


@asynccontextmanager
async def open_steps(
    settings: Mapping[str, AnyStep], metrics: Metrics | None = None
) -> AsyncIterator[Mapping[str, Step]]:
    """Open all steps of a configuration; raises ConfigError where one cannot be opened."""
    metrics = metrics or Metrics()
    async with AsyncExitStack() as stack:
        yield {name: await stack.enter_async_context(_open(name, each, metrics)) for name, each in settings.items()}


def _open(name: str, settings: AnyStep, metrics: Metrics) -> AbstractAsyncContextManager[Step]:
    kind = KINDS.steps[settings.kind]
    if kind.counter is None:
        return kind.open(name, settings)
    return kind.open(name, settings, metrics.step(name, kind.counter))


async def check_steps(settings: Mapping[str, AnyStep]) -> None:
    """Raise ConfigError where a step cannot be opened: a file that it reads is missing, or is not what it has to be."""
    async with open_steps(settings):
        pass


async def go_through(message: Message, steps: Mapping[str, Step]) -> Message | Refused | Unavailable:
    """Return *message* as it is after all of its steps, or why it is not delivered."""
    for name in message.via:
        step = steps.get(name)
        if step is None:
            return Unavailable(UNKNOWN.format(name=name), outlook=Outlook.DOUBTFUL)
        try:
            changed = await step(message)
        except StepRefused as error:  # by an earlier step, whose body this one has read
            return error.refused
        except GatewayError as error:  # it could not do its work just now
            return Unavailable(f"step {name}: {error}")
        except OSError as error:  # such as a spooled file that is not given just now
            return Unavailable(f"step {name}: {UNREADABLE} ({error.strerror or type(error).__name__})")
        if isinstance(changed, Refused):
            return _named(changed, name)
        message = _naming(changed, message.body, name)
    return replace(message, via=())


def _named(refused: Refused, step: str) -> Refused:
    return replace(refused, reason=f"step {step}: {refused.reason}")


def _naming(changed: Message, before: Body, step: str) -> Message:
    """Return *changed*, so that a refusal in the middle of its body names the *step*; a whole body holds none."""
    is_streamed = changed.body is not before and not isinstance(changed.body, WholeBody)
    return replace(changed, body=SteppedBody(changed.body, step)) if is_streamed else changed


class SteppedDestination:
    """A destination whose messages go through their steps first."""

    def __init__(self, destination: Destination, steps: Mapping[str, Step]) -> None:
        self._destination = destination
        self._steps = steps

    @property
    def name(self) -> str:
        """Its key in the configuration."""
        return self._destination.name

    async def probe(self) -> str | None:
        """Return why the store cannot be reached just now, or None."""
        return await self._destination.probe()

    async def deliver(self, message: Message) -> Outcome:
        """Send what becomes of *message* and tell what became of it."""
        if not message.via:
            return await self._destination.deliver(message)
        changed = await go_through(message, self._steps)
        if not isinstance(changed, Message):
            return changed
        body = WatchedBody(changed.body)
        try:
            outcome = await self._destination.deliver(replace(changed, body=body))
        except StepRefused as error:
            return error.refused
        return body.refused or outcome


class SteppedBatchDestination(SteppedDestination):
    """The same of a destination that takes several messages in one request."""

    def __init__(self, destination: BatchDestination, steps: Mapping[str, Step]) -> None:
        super().__init__(destination, steps)
        self._batches = destination

    async def deliver_many(self, messages: Sequence[Message]) -> list[Outcome]:
        """Send what becomes of *messages* and tell what became of each, in their order."""
        if not any(message.via for message in messages):
            return await self._batches.deliver_many(messages)
        changed = [await go_through(message, self._steps) for message in messages]
        bodies = [WatchedBody(each.body) for each in changed if isinstance(each, Message)]
        going = [each for each in changed if isinstance(each, Message)]
        sent = [replace(each, body=body) for each, body in zip(going, bodies, strict=True)]
        told = await self._batches.deliver_many(sent) if sent else []
        outcomes = iter([body.refused or outcome for body, outcome in zip(bodies, told, strict=True)])
        return [next(outcomes) if isinstance(each, Message) else each for each in changed]


def stepped(destination: Destination | BatchDestination, steps: Mapping[str, Step]) -> Destination:
    """Return *destination*, its messages going through their *steps* first."""
    if hasattr(destination, "deliver_many"):
        return SteppedBatchDestination(cast("BatchDestination", destination), steps)
    return SteppedDestination(destination, steps)


class PassedBody:
    """A body that is another one to its reader."""

    def __init__(self, body: Body) -> None:
        self._body = body

    @property
    def length(self) -> int | None:
        """Octets in total, or None while the end is not known."""
        return self._body.length

    @property
    def replayable(self) -> bool:
        """Whether it may be read again."""
        return self._body.replayable


class SteppedBody(PassedBody):
    """The body that a *step* gave: a refusal in the middle of it names the step that refuses."""

    def __init__(self, body: Body, step: str) -> None:
        super().__init__(body)
        self._step = step

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the payload in order."""
        try:
            async for chunk in self._body.chunks():
                yield chunk
        except StepRefused as error:
            if error.step is not None:  # an earlier step, whose body this one reads
                raise
            raise StepRefused(_named(error.refused, self._step), self._step) from None


class WatchedBody(PassedBody):
    """A changed body: keeps why a step refused it in the middle, which the store's reply cannot tell."""

    def __init__(self, body: Body) -> None:
        super().__init__(body)
        self.refused: Refused | None = None

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the payload in order."""
        try:
            async for chunk in self._body.chunks():
                yield chunk
        except StepRefused as error:
            self.refused = error.refused
            raise
