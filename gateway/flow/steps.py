"""Runs the steps of a route on a message just before its delivery to a destination.

A message carries the names of its steps (``via``): in relay mode from the route, in commit mode from the spool, which
holds the message as it was received. So when a wrong mapping is corrected, parked messages can be tried again with it.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import cast

from gateway.config.models import AnyStep
from gateway.contract.body import Body, Buffer, WholeBody
from gateway.contract.destination import BatchDestination, Destination
from gateway.contract.domains import DomainSettings
from gateway.contract.errors import GatewayError, StepRefused
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook
from gateway.contract.step import Step
from gateway.kinds import KINDS
from gateway.telemetry.metrics import Metrics

UNKNOWN = "the step {name!r} of the message is not configured; put it back into `steps`, or discard the message"

UNREADABLE = "the message, or what the step needs, cannot be read"


@asynccontextmanager
async def open_steps(
    settings: Mapping[str, AnyStep],
    metrics: Metrics | None = None,
    domains: Mapping[str, DomainSettings] = MappingProxyType({}),
) -> AsyncIterator[Mapping[str, Step]]:
    """Open all steps of a configuration with its *domains*; raises ConfigError if one cannot be opened."""
    metrics = metrics or Metrics()
    async with AsyncExitStack() as stack:
        opening = {name: _open(name, each, metrics, domains) for name, each in settings.items()}
        yield {name: await stack.enter_async_context(each) for name, each in opening.items()}


def _open(
    name: str, settings: AnyStep, metrics: Metrics, domains: Mapping[str, DomainSettings]
) -> AbstractAsyncContextManager[Step]:
    kind = KINDS.steps[settings.kind]
    counting = () if kind.counter is None else (metrics.step(name, kind.counter),)
    return kind.open(name, settings, *counting, **({"domains": domains} if kind.wants_domains else {}))


async def check_steps(settings: Mapping[str, AnyStep], domains: Mapping[str, DomainSettings]) -> None:
    """Raise ConfigError if a step cannot be opened, for example because its file is missing or not valid."""
    async with open_steps(settings, domains=domains):
        pass


async def go_through(message: Message, steps: Mapping[str, Step]) -> Message | Refused | Unavailable:
    """Return *message* after all of its steps, or the outcome if a step refuses it or fails."""
    for name in message.via:
        step = steps.get(name)
        if step is None:
            return Unavailable(UNKNOWN.format(name=name), outlook=Outlook.DOUBTFUL, by_step=True)
        try:
            changed = await step(message)
        except StepRefused as error:  # raised by an earlier step, whose streamed body this one has read
            return error.refused
        except GatewayError as error:  # the step failed; a later try may succeed
            return Unavailable(f"step {name}: {error}", by_step=True)
        except OSError as error:  # such as a spooled file that cannot be read now
            why = f"{UNREADABLE} ({error.strerror or type(error).__name__})"
            return Unavailable(f"step {name}: {why}", by_step=True)
        if isinstance(changed, Refused):
            return _named(changed, name)
        message = _naming(changed, message.body, name)
    return replace(message, via=())


def _named(refused: Refused, step: str) -> Refused:
    return replace(refused, reason=f"step {step}: {refused.reason}", by_step=True)


def _naming(changed: Message, before: Body, step: str) -> Message:
    """Return *changed*; if its body is streamed, a refusal while it is read names the *step*."""
    is_streamed = changed.body is not before and not isinstance(changed.body, WholeBody)
    return replace(changed, body=SteppedBody(changed.body, step)) if is_streamed else changed


class SteppedDestination:
    """A destination that runs the steps of each message before it delivers the message."""

    def __init__(self, destination: Destination, steps: Mapping[str, Step], always: tuple[str, ...] = ()) -> None:
        self._destination = destination
        self._steps = steps
        self._always = always
        """The steps of the destination itself, behind those of the message."""

    @property
    def name(self) -> str:
        """The key of the destination in the configuration."""
        return self._destination.name

    async def probe(self) -> str | None:
        """Return why the store cannot be reached now, or None if it can."""
        return await self._destination.probe()

    async def deliver(self, message: Message) -> Outcome:
        """Run the steps of *message*, deliver the result and return the outcome."""
        if not (message.via or self._always):
            return await self._destination.deliver(message)
        changed = await self._through(message)
        if not isinstance(changed, Message):
            return changed
        if isinstance(changed.body, WholeBody):  # no step is left that could refuse it while it is read
            return _for_sender(await self._destination.deliver(changed), message, changed)
        body = WatchedBody(changed.body)
        try:
            outcome = await self._destination.deliver(replace(changed, body=body))
        except StepRefused as error:
            return error.refused
        return body.refused or _for_sender(outcome, message, changed)

    async def _through(self, message: Message) -> Message | Refused | Unavailable:
        via = (*message.via, *self._always)
        return await go_through(replace(message, via=via) if self._always else message, self._steps)


class SteppedBatchDestination(SteppedDestination):
    """A SteppedDestination that takes several messages in one request."""

    def __init__(self, destination: BatchDestination, steps: Mapping[str, Step], always: tuple[str, ...] = ()) -> None:
        super().__init__(destination, steps, always)
        self._batches = destination

    async def deliver_many(self, messages: Sequence[Message]) -> list[Outcome]:
        """Run the steps of *messages*, deliver the results and return the outcome of each, in the same order."""
        if not (self._always or any(message.via for message in messages)):
            return await self._batches.deliver_many(messages)
        changed = [await self._through(message) for message in messages]
        bodies = [WatchedBody(each.body) for each in changed if isinstance(each, Message)]
        going = [each for each in changed if isinstance(each, Message)]
        sent = [replace(each, body=body) for each, body in zip(going, bodies, strict=True)]
        told = await self._batches.deliver_many(sent) if sent else []
        outcomes = iter([body.refused or outcome for body, outcome in zip(bodies, told, strict=True)])
        return [next(outcomes) if isinstance(each, Message) else each for each in changed]


def stepped(
    destination: Destination | BatchDestination, steps: Mapping[str, Step], always: tuple[str, ...] = ()
) -> Destination:
    """Return a wrapper of *destination* that first runs the *steps* of each message, then those named in *always*."""
    if hasattr(destination, "deliver_many"):
        return SteppedBatchDestination(cast("BatchDestination", destination), steps, always)
    return SteppedDestination(destination, steps, always)


def _for_sender(outcome: Outcome, message: Message, changed: Message) -> Outcome:
    """Return *outcome* without the store's reply where a step has given the message another control ID.

    The reply names that ID: its sender would take it for the answer to another message. The listener then makes the
    answer itself.
    """
    if outcome.reply is None or message.identifiers.get("control_id") == changed.identifiers.get("control_id"):
        return outcome
    if isinstance(outcome, Stored):
        return replace(outcome, reply=None, second=None)
    return replace(outcome, reply=None)


class PassedBody:
    """A body that wraps another body: same length, same ``replayable``."""

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
    """The streamed body that a *step* returned: a refusal while it is read names the step."""

    def __init__(self, body: Body, step: str) -> None:
        super().__init__(body)
        self._step = step

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the payload in order."""
        try:
            async for chunk in self._body.chunks():
                yield chunk
        except StepRefused as error:
            if error.step is not None:  # raised and named by an earlier step
                raise
            raise StepRefused(_named(error.refused, self._step), self._step) from None


class WatchedBody(PassedBody):
    """The body after all steps: keeps a step's refusal while it is read, which the store's reply does not show."""

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
