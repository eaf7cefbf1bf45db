"""The step ``edit_dicom``: returns the edited instance, as a stream if the instance is large or still arriving."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import cast

from adapters.dicom.encoding import Malformed
from adapters.dicom.file_editor import FileEditor
from adapters.dicom.settings import FILE_META, SOP_INSTANCE_UID, EditDicomSettings
from gateway.contract.body import Body, Buffer, WholeBody
from gateway.contract.errors import StepRefused
from gateway.contract.message import Message
from gateway.contract.outcome import Refused

MOST_IN_MEMORY = 8 * 1024 * 1024
"""Largest body that is edited in memory, so that its new length is known."""
MOST_GROWN = 2 * MOST_IN_MEMORY
"""Largest edited body that is kept in memory; a larger one is edited again while it is sent."""
CANNOT_UNDERSTAND = "C000"  # PS3.4 table B.2-1
STEPS_AT_ONCE = 2
"""Pieces, of at most 64 KiB, that are edited before the event loop gets a turn."""


@asynccontextmanager
async def open_step(name: str, settings: EditDicomSettings) -> AsyncIterator["EditDicom"]:  # noqa: ARG001  the contract
    """Yield the step; nothing has to be closed."""
    yield EditDicom(settings)


class EditDicom:
    """Edits instances. The same instance always gives the same octets."""

    def __init__(self, settings: EditDicomSettings) -> None:
        self._edits, self._meta = settings.edits(), settings.file_meta()
        self._keeps_originals = settings.keeps_originals

    async def __call__(self, message: Message) -> Message | Refused:
        """Return the edited *message*, or why it cannot be edited."""
        if self._edits.is_empty:
            return message
        message = replace(message, identifiers={**message.identifiers, **self._names()})
        body = message.body
        if not body.replayable or body.length is None or body.length > MOST_IN_MEMORY:
            return replace(message, body=EditedBody(body, self._editor))
        editor, edited = self._editor(), bytearray()
        try:
            async with aclosing(_edited(body, editor)) as chunks:
                async for chunk in chunks:
                    edited += chunk
                    if len(edited) > MOST_GROWN:
                        return replace(message, body=EditedBody(body, self._editor))
        except Malformed as problem:
            return _refused(problem)
        return replace(message, body=WholeBody(bytes(edited))) if editor.is_changed else message

    def _editor(self) -> FileEditor:
        return FileEditor(self._edits, self._meta, keeps_originals=self._keeps_originals)

    def _names(self) -> dict[str, str]:
        uid = self._meta.get(FILE_META[SOP_INSTANCE_UID])
        return {} if uid is None else {"sop_instance_uid": uid}


@dataclass(frozen=True, slots=True)
class EditedBody:
    """A body that is edited while it is read. If it is malformed, ``chunks`` raises StepRefused."""

    original: Body
    editor: Callable[[], FileEditor]

    @property
    def length(self) -> None:
        """None: the length is not known before the end."""
        return

    @property
    def replayable(self) -> bool:
        """Whether the original can be read again."""
        return self.original.replayable

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the edited octets."""
        try:
            async with aclosing(_edited(self.original, self.editor())) as chunks:
                async for chunk in chunks:
                    yield chunk
        except Malformed as problem:
            raise StepRefused(_refused(problem)) from None


async def _edited(body: Body, editor: FileEditor) -> AsyncGenerator[Buffer, None]:
    steps = 0
    async with aclosing(cast("AsyncGenerator[Buffer, None]", body.chunks())) as chunks:
        async for chunk in chunks:
            for octets in editor.receive_data(chunk):
                if len(octets):
                    yield octets
                steps += 1
                if steps % STEPS_AT_ONCE == 0:
                    await asyncio.sleep(0)
    for octets in editor.receive_end():
        if len(octets):
            yield octets


def _refused(problem: Malformed) -> Refused:
    return Refused(f"The DICOM instance cannot be edited: {problem}.", code=CANNOT_UNDERSTAND)
