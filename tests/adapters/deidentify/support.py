"""A step with a key, and the messages that go through it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from adapters.deidentify.settings import DeidentifySettings
from adapters.deidentify.step import Deidentify, open_step
from gateway.contract.body import Body, Buffer, WholeBody
from gateway.contract.domains import DomainSettings
from gateway.contract.message import Message
from tests.adapters.deidentify.hl7v2.support import message as hl7v2
from tests.dicom_files import shipped

DOMAINS = {"hospital": DomainSettings(hl7v2=("HOSP", "TEST"), dicom=("HOSP",), fhir=("urn:oid:1.2.3",))}
INSTANCE_UID = "1.3.6.1.4.1.5962.1.1.1.1.1.20040119072730.12322"
CT = shipped("CT_small.dcm").read_bytes()


def settings(folder: Path, **given: Any) -> DeidentifySettings:
    """Return settings with a key in *folder*; a number without an authority is the hospital's."""
    key = folder / "research.key"
    key.write_text("5a" * 32)
    key.chmod(0o600)
    return DeidentifySettings.model_validate(
        {"kind": "deidentify", "key_file": key, "default_domain": "hospital", **given}
    )


def opened(folder: Path, counted: list[str] | None = None, **given: Any) -> AbstractAsyncContextManager[Deidentify]:
    """Open a step that appends its results to *counted*."""
    told = [] if counted is None else counted
    return open_step("anonymous", settings(folder, **given), told.append, DOMAINS)


def of_hl7v2(data: bytes = hl7v2("OBX|1|NM|1^^L||99"), charset: str | None = None) -> Message:
    """Return an HL7v2 message."""
    return Message("m1", WholeBody(data), {"protocol": "mllp"}, {"control_id": "C77"}, charset)


def of_dicom(body: Body) -> Message:
    """Return a DICOM instance."""
    return Message("m2", body, {"protocol": "dimse"}, {"sop_instance_uid": INSTANCE_UID})


class Pieces:
    """A body that comes in pieces; an exception among them is raised."""

    length = None
    replayable = True

    def __init__(self, pieces: Sequence[bytes | Exception]) -> None:
        self._pieces = pieces

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the pieces."""
        for piece in self._pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece


def in_pieces(data: bytes, size: int) -> Pieces:
    """Return *data* in pieces of this size."""
    return Pieces([data[at : at + size] for at in range(0, len(data), size)])


async def read(message: Message) -> bytes:
    """Return the body."""
    return b"".join([bytes(chunk) async for chunk in message.body.chunks()])
