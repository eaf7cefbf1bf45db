"""Messages for the tests of the destination."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from gateway.contract.body import WholeBody
from gateway.contract.fhir import Interaction
from gateway.contract.message import Message
from tests.adapters.dicom.instances import element, part10

ADT = b"MSH|^~\\&|A|B|C|D|20260131||ADT^A01|C1|P|2.5\rPID|1||P1\r"


def instance(uid: str = "1.2.3", patient: str = "P1", pixels: int = 1000) -> bytes:
    """Return a DICOM file."""
    uids = ((0x00080018, uid), (0x0020000D, "1.1"), (0x0020000E, "1.2"))
    texts = {tag: element(tag, "UI", value.encode() + b"\0" * (len(value) % 2)) for tag, value in uids}
    name = patient + " " * (len(patient) % 2)
    elements = [texts[0x00080018], element(0x00100020, "LO", name.encode()), texts[0x0020000D], texts[0x0020000E]]
    return part10(b"".join(elements) + element(0x7FE00010, "OW", bytes(pixels)))


def message(octets: bytes, facts: Mapping[str, str] | None = None, interaction: Interaction | None = None) -> Message:
    """Return a message with these octets."""
    return Message("id", WholeBody(octets), facts or {}, {}, interaction=interaction)


def dicom(octets: bytes) -> Message:
    """Return an instance as a listener gives it."""
    return message(octets, {"sop_class_uid": "1.2.840.10008.5.1.4.1.1.2"})


@dataclass
class Pieces:
    """A body that arrives in pieces, once."""

    octets: bytes
    size: int
    length: int | None = None
    replayable: bool = False

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the pieces."""
        for at in range(0, len(self.octets), self.size):
            yield self.octets[at : at + self.size]
