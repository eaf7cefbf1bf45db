"""The step: has a message validated, and passes it on or refuses it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import structlog

from adapters.hl7.validation.checks import Checks
from adapters.hl7.validation.orders import Order, Verdict
from adapters.hl7.validation.pool import NotValidatedError, TookTooLongError, Validators
from adapters.hl7.validation.settings import ValidateHl7v2Settings, profile_octets
from gateway.contract.message import Message
from gateway.contract.outcome import Finding, Refused

VALID, INVALID, NOT_VALIDATED = RESULTS = ("valid", "invalid", "not_validated")
TOO_LONG = Refused("the message takes too long to validate", code="207")

log = structlog.get_logger()


class Validating(Protocol):
    """Has messages validated."""

    async def verdict(self, data: bytes, charset: str | None) -> Verdict:
        """Return the mistakes in the message *data*."""


@dataclass(frozen=True, slots=True)
class ValidateHl7v2:
    """Passes a message on unchanged, or refuses it."""

    name: str
    settings: ValidateHl7v2Settings
    validators: Validating
    count: Callable[[str], None] = lambda _: None
    """Counts one of RESULTS."""

    async def __call__(self, message: Message) -> Message | Refused:
        """Validate *message*. With `level: refuse`, raises NotValidatedError if the processes keep ending."""
        data = b"".join([bytes(chunk) async for chunk in message.body.chunks()])
        try:
            verdict = await self.validators.verdict(data, message.charset)
        except (TookTooLongError, NotValidatedError) as error:
            self.count(NOT_VALIDATED)
            return self._without_verdict(message, error)
        self.count(INVALID if verdict.count else VALID)
        if not verdict.count:
            return message
        if self.settings.level == "refuse":
            return refused(verdict)
        self._tell(message, verdict)
        return message

    def _without_verdict(self, message: Message, error: TookTooLongError | NotValidatedError) -> Message | Refused:
        if self.settings.level == "refuse":
            if isinstance(error, NotValidatedError):
                raise error  # not the message's fault: its sender has to send it again
            return TOO_LONG
        log.warning(
            "hl7v2_not_validated",
            step=self.name,
            message_id=message.message_id,
            reason=str(error),
            **message.identifiers,
        )
        return message

    def _tell(self, message: Message, verdict: Verdict) -> None:
        log.warning(
            "hl7v2_not_valid",
            step=self.name,
            message_id=message.message_id,
            findings=verdict.count,
            places=[f"{each.code} {each.location or 'message'}" for each in verdict.findings],
            **message.identifiers,
        )


def refused(verdict: Verdict) -> Refused:
    """Return the refusal of a message with mistakes; its reason is the first mistake."""
    first = verdict.findings[0]
    return Refused(_reason(first, verdict.count), code=first.code, findings=verdict.findings)


def _reason(first: Finding, count: int) -> str:
    return first.text if count == 1 else f"{first.text} (1 of {count} mistakes)"


@asynccontextmanager
async def open_step(
    name: str, settings: ValidateHl7v2Settings, count: Callable[[str], None] = lambda _: None
) -> AsyncIterator[ValidateHl7v2]:
    """Yield the step *name*; its processes run inside the context."""
    order = Order(settings.version, Checks(**settings.checks.model_dump()), settings.ignore, settings.max_seconds)
    async with Validators(name, order, profile_octets(settings.profile), settings.processes) as validators:
        yield ValidateHl7v2(name, settings, validators, count)
