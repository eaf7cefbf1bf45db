"""The step around :func:`adapters.fhir.convert.convert`."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from adapters.fhir.context import Options
from adapters.fhir.convert import Conversion, convert
from adapters.fhir.options import options_of
from adapters.fhir.settings import Hl7v2ToFhirSettings
from gateway.contract.body import Body, WholeBody
from gateway.contract.errors import ConfigError
from gateway.contract.message import Message
from gateway.contract.outcome import Refused

SMALL = 16 * 1024
"""Largest message that is converted in the event loop: this takes less time than handing it to a thread."""


class Hl7v2ToFhir:
    """Converts a message. The same message always gives the same bundle."""

    def __init__(self, options: Options, count: Callable[[str], None]) -> None:
        self._options = options
        self._count = count

    async def __call__(self, message: Message) -> Message | Refused:
        """Return the message with the bundle as its body."""
        data = await _whole(message.body)
        if len(data) <= SMALL:
            made = convert(data, self._options, message.charset)
        else:  # a thread, so that other peers do not wait
            made = await asyncio.to_thread(convert, data, self._options, message.charset)
        if isinstance(made, Refused):
            return made
        for each in made.report:
            self._count(each.reason)
        return replace(message, body=WholeBody(made.encoded()), charset=None)


@asynccontextmanager
async def open_step(
    name: str,
    settings: Hl7v2ToFhirSettings,
    count: Callable[[str], None] = lambda _: None,
    *,
    replaced: Mapping[str, Any] | None = None,
) -> AsyncIterator[Hl7v2ToFhir]:
    """Read the maps and yield the step *name*; raises ConfigError if one cannot be used."""
    try:
        options = await asyncio.to_thread(options_of, settings)
    except ValueError as error:
        raise ConfigError(f"steps.{name}: {error}") from None
    yield Hl7v2ToFhir(replace(options, **(replaced or {})), count)


def explain(
    settings: Hl7v2ToFhirSettings, *, replaced: Mapping[str, Any] | None = None
) -> Callable[[Message, bytes], tuple[bytes | Refused, tuple[str, ...]]]:
    """Return what converts a message and says what is left out; raises ValueError for a file of *settings*."""
    options = replace(options_of(settings), **(replaced or {}))

    def explained(message: Message, data: bytes) -> tuple[bytes | Refused, tuple[str, ...]]:
        made = convert(data, options, message.charset)
        return (made.encoded(), tuple(map(str, made.report))) if isinstance(made, Conversion) else (made, ())

    return explained


async def _whole(body: Body) -> bytes:
    return body.data if isinstance(body, WholeBody) else b"".join([bytes(chunk) async for chunk in body.chunks()])
