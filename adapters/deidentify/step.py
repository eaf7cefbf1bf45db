"""The step ``deidentify``: returns the message without what names its patient, or holds it back."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar, cast

from adapters.deidentify.engines import Engines, open_engines
from adapters.deidentify.errors import INTERNAL_ERROR, HeldBackError
from adapters.deidentify.images import Images, lost_by
from adapters.deidentify.settings import DeidentifySettings
from adapters.dicom.encoding import Malformed
from adapters.hl7.er7 import lead
from gateway.contract.body import Body, Buffer, WholeBody
from gateway.contract.domains import DomainSettings
from gateway.contract.errors import ConfigError, GatewayError, StepRefused
from gateway.contract.message import Message
from gateway.contract.outcome import Refused

if TYPE_CHECKING:  # it imports pydicom, which takes 9 MiB
    from adapters.deidentify.dicom.file import FileDeidentifier

T = TypeVar("T")

SMALL = 2 * 1024
"""Largest text that is transformed in the event loop, in some milliseconds; a larger one is in a thread."""
PIECE = 64 * 1024
CANNOT_UNDERSTAND = "C000"  # PS3.4 table B.2-1
PARTIAL = frozenset({"PATCH", "DELETE"})
"""What a peer asks for over HTTP without a whole resource."""


class Deidentify:
    """De-identifies messages. The same message always gives the same result."""

    def __init__(self, engines: Engines, count: Callable[[str], None], images: Images) -> None:
        self._engines, self._count, self._images = engines, count, images

    async def __call__(self, message: Message) -> Message | Refused:
        """Return the message; Refused if it is held back, for whatever reason: the original never goes on."""
        protocol_of_dicom = "sop_instance_uid" in message.identifiers
        if protocol_of_dicom:
            return await self._dicom(message)
        return await self._text(message)

    async def _text(self, message: Message) -> Message | Refused:
        if message.interaction is not None and message.interaction.method in PARTIAL:
            return self._held_back("it changes or deletes a resource without giving the whole of it")
        data = await _whole(message.body)
        # By its octets: an earlier step may have made FHIR of what an MLLP peer sent.
        transform = self._engines.hl7v2 if data.startswith(b"MSH", lead(data)) else self._engines.fhir
        try:
            if len(data) <= SMALL and self._engines.crosswalk is None:
                changed, identifiers = transform(data, message.charset)
            else:  # a thread, so that other peers do not wait
                changed, identifiers = await asyncio.to_thread(transform, data, message.charset)
            await _settle(self._engines)
        except HeldBackError as error:
            return self._held_back(str(error))
        except GatewayError:  # the crosswalk fails: a later try may succeed
            raise
        except Exception:  # noqa: BLE001  its text may quote the message; whatever it is, the original must not go on
            return self._held_back(INTERNAL_ERROR)
        self._count("transformed")
        # The address of an interaction may name the patient. Without it the body says what to do (contract.fhir).
        made = replace(message, body=WholeBody(changed), interaction=None)
        return replace(made, identifiers={**message.identifiers, **identifiers})

    async def _dicom(self, message: Message) -> Message | Refused:
        """Return the instance with a body that is transformed while it is read; its header is read here."""
        body = DeidentifiedBody(message.body, self._engines, self._held_back, self._images)
        try:
            instance = await body.begin()
        except HeldBackError as error:
            return self._held_back(str(error))
        except Malformed as problem:
            return self._held_back(str(problem))
        self._count("transformed")
        identifiers: Mapping[str, str] = {**message.identifiers, "sop_instance_uid": instance}
        return replace(message, body=body, identifiers=identifiers)

    def _held_back(self, reason: str) -> Refused:
        self._count("held_back")
        return Refused(f"The message cannot be de-identified, so it is held back: {reason}", code=CANNOT_UNDERSTAND)


@dataclass(slots=True)
class DeidentifiedBody:
    """An instance that is de-identified while it is read."""

    original: Body
    engines: Engines
    refuse: Callable[[str], Refused]
    images: Images
    _begun: "tuple[AsyncGenerator[Buffer, None], Buffer] | None" = None

    @property
    def length(self) -> None:
        """None: the length is not known before the end."""
        return

    @property
    def replayable(self) -> bool:
        """Whether the original can be read again."""
        return self.original.replayable

    async def begin(self) -> str:
        """Read up to the end of the header; return the new SOP Instance UID. Raises HeldBackError or Malformed."""
        file = self._engine()
        pieces = _pieces(self.original, file, self.images, in_thread=self.engines.crosswalk is not None)
        try:
            first = await anext(pieces)
        except StopAsyncIteration:
            raise HeldBackError("it has no data set") from None
        await _settle(self.engines)
        self._begun = pieces, first
        return file.instance

    def _engine(self) -> "FileDeidentifier":
        return _asked(self.engines.file)

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the octets; if one of its frames cannot be cleaned, this raises StepRefused."""
        try:
            if self._begun is None:
                await self.begin()
            assert self._begun is not None  # noqa: S101  begin has set it
            (pieces, first), self._begun = self._begun, None
            async with aclosing(pieces):
                yield first
                async for piece in pieces:
                    yield piece
        except (HeldBackError, Malformed) as error:
            raise StepRefused(self.refuse(str(error))) from None


async def _pieces(
    body: Body, engine: "FileDeidentifier", images: Images, *, in_thread: bool
) -> AsyncGenerator[Buffer, None]:
    """Yield the octets of the instance; the header, which asks for pseudonyms, is made in a thread if that blocks."""
    async with AsyncExitStack() as memory, aclosing(cast("AsyncGenerator[Buffer, None]", body.chunks())) as chunks:
        is_reserved = False
        async for chunk in chunks:
            view = memoryview(chunk)
            for at in range(0, len(view), PIECE):
                made = _sure(partial(engine.receive_data, view[at : at + PIECE]))
                for octets in await asyncio.to_thread(list, made) if in_thread and not engine.instance else made:
                    yield octets
                if not is_reserved and (size := _asked(lambda: engine.gathered)):  # before the rest of its pixels comes
                    await memory.enter_async_context(images.memory.reserved(size))
                    is_reserved = True
            await asyncio.sleep(0)
        rest = _sure(engine.receive_end)
        if _asked(lambda: engine.is_searching):  # its image takes seconds: other peers do not wait
            while octets := await asyncio.get_running_loop().run_in_executor(images.thread, next, rest, b""):
                yield octets
            return
        for octets in await asyncio.to_thread(list, rest) if in_thread and not engine.instance else rest:
            yield octets


def _sure(made: Callable[[], Iterator[Buffer]]) -> Iterator[Buffer]:
    """Yield what the engine has made; whatever error it raises becomes a HeldBackError without its text.

    Errors of the original body are raised outside of this: a file of the spool that cannot be read is no mistake of
    the message.
    """
    try:
        yield from (octets for octets in made() if len(octets))
    except (HeldBackError, Malformed, GatewayError):
        raise
    except Exception:  # noqa: BLE001  its text may quote the message; whatever it is, the rest must not go on
        raise HeldBackError(INTERNAL_ERROR) from None


def _asked(ask: Callable[[], T]) -> T:
    """Return what the engine says; whatever error it raises becomes a HeldBackError without its text."""
    try:
        return ask()
    except GatewayError:
        raise
    except Exception:  # noqa: BLE001  as in _sure
        raise HeldBackError(INTERNAL_ERROR) from None


async def _settle(engines: Engines) -> None:
    """Return when the pseudonyms of the message would outlast a power failure: only then may it go on."""
    if engines.crosswalk is not None:
        await asyncio.to_thread(engines.crosswalk.settle)


async def _whole(body: Body) -> bytes:
    return body.data if isinstance(body, WholeBody) else b"".join([bytes(chunk) async for chunk in body.chunks()])


@asynccontextmanager
async def open_step(
    name: str,
    settings: DeidentifySettings,
    count: Callable[[str], None] = lambda _: None,
    domains: Mapping[str, DomainSettings] = MappingProxyType({}),
) -> AsyncIterator[Deidentify]:
    """Read the key and yield the step *name*; raises ConfigError if a file cannot be used."""
    try:
        engines = await asyncio.to_thread(open_engines, settings, domains, lost_by(name, count))
    except ValueError as error:
        raise ConfigError(f"steps.{name}.{error}" if _names_a_key(str(error)) else f"steps.{name}: {error}") from None
    images = Images(engines.redacting)
    try:
        yield Deidentify(engines, count, images)
    finally:
        await images.close()
        if engines.crosswalk is not None:
            await asyncio.to_thread(engines.crosswalk.close)


def _names_a_key(problem: str) -> bool:
    return problem.partition(":")[0] in DeidentifySettings.model_fields
