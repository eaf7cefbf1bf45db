"""The engine: Hilum's own step ``deidentify``, opened with the configuration of one operation and a key of its own."""

import os
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import uuid4

from gateway.contract.body import Buffer, WholeBody
from gateway.contract.errors import ConfigError, StepRefused
from gateway.contract.message import Message
from gateway.contract.outcome import Refused, Unavailable
from gateway.contract.step import Step
from gateway.kinds import KINDS
from gateway.sandbox.deidentifying.errors import HeldBackError
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.private import OWNER_FILE
from gateway.sandbox.worker import Worker

CHUNK = 1024 * 1024
KIND = KINDS.steps["deidentify"]
FIELD = "google_config_file"


class FileBody:
    """The file of an instance, read in a worker's thread."""

    replayable = True

    def __init__(self, path: Path, worker: Worker) -> None:
        self._path, self._worker = path, worker

    @property
    def length(self) -> int:
        """Octets in total."""
        return self._path.stat().st_size

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the octets."""
        file = await self._worker.run(lambda: self._path.open("rb"))
        try:
            while chunk := await self._worker.run(partial(file.read, CHUNK)):
                yield chunk
        finally:
            file.close()


@dataclass(frozen=True, slots=True)
class Engine:
    """Transforms what one operation passes."""

    step: Step
    worker: Worker
    report: Sequence[str]
    """What is stricter than Google's documentation says."""
    opened: AsyncExitStack

    async def close(self) -> None:
        """Close the step."""
        await self.opened.aclose()

    async def resource(self, octets: bytes) -> bytes:
        """Return the octets of a FHIR resource after its transformation; raises HeldBackError."""
        made = await self._made(Message("sandbox", WholeBody(octets), {}, {}))
        return b"".join([bytes(chunk) async for chunk in made.body.chunks()])

    async def instance(self, path: Path) -> AsyncIterator[Buffer]:
        """Yield the octets of an instance after its transformation; raises HeldBackError, also after some of them."""
        body = FileBody(path, self.worker)
        made = await self._made(Message("sandbox", body, {}, {"sop_instance_uid": path.stem}))
        try:
            async for chunk in made.body.chunks():
                yield chunk
        except StepRefused as error:
            raise HeldBackError(error.refused.reason) from None

    async def _made(self, message: Message) -> Message:
        made = await self.step(message)
        if isinstance(made, (Refused, Unavailable)):
            raise HeldBackError(made.reason)
        return made


async def open_engine(folder: Path, config: bytes, worker: Worker) -> Engine:
    """Return the engine of a configuration; raises a 400 for one that cannot be used.

    "A default key is generated for each Deidentify operation": it is written to *folder* for as long as the step reads
    it. A field in which only a model of language would find something is removed as a whole.
    """
    files = [folder / f"{uuid4().hex}.part" for _ in range(2)]
    opened = AsyncExitStack()
    try:
        for path, content in zip(files, (secrets.token_hex(32).encode(), config), strict=True):
            await worker.run(partial(_write, path, content))
        given = {"kind": KIND.name, "key_file": files[0], FIELD: files[1], "missing_recogniser": "redact_field"}
        settings = KIND.settings.model_validate(given)
        step = await opened.enter_async_context(KIND.open(KIND.name, settings, lambda _: None, domains={}))
        report = await worker.run(lambda: [text for _, text in KIND.notices(settings)])
    except ConfigError as error:
        raise ApiError(400, _reason(str(error), files[1])) from None
    finally:
        for path in files:
            await worker.run(partial(path.unlink, missing_ok=True))
    return Engine(step, worker, report, opened)


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_FILE), "wb") as file:
        file.write(content)


def _reason(problem: str, path: Path) -> str:
    """Return the mistake as one of the request: without the step and the file, of which its sender knows nothing."""
    return f"config: {problem.partition(f'{FIELD}: ')[2].removeprefix(f'{path}: ') or problem}"
