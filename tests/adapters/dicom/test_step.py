"""The step edits small messages in memory, and large or arriving ones as a stream."""

import struct
import tracemalloc
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from adapters.dicom.step import EditDicom, EditedBody, open_step
from gateway.contract.body import Body, Buffer, WholeBody
from gateway.contract.errors import StepRefused
from gateway.contract.message import Message
from gateway.contract.outcome import Refused
from tests.adapters.dicom.instances import element, item, part10, settings

DATA_SET = element(0x00080018, "UI", b"1.2.3\0") + element(0x00100020, "LO", b"ID")
PIXELS = element(0x7FE00010, "OW", bytes(100))
MIB = 1 << 20


@dataclass
class Arriving:
    """A body that comes in pieces, once."""

    pieces: Iterable[bytes]
    length: int | None = None
    replayable: bool = False
    is_consumed: bool = field(default=False)

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the pieces."""
        for piece in self.pieces:
            yield piece
        self.is_consumed = True


def message(body: Body) -> Message:
    """Return a message with this body."""
    return Message("m", body, {"sop_class_uid": "1.2"}, {"sop_instance_uid": "1.2.3"})


async def edited(body: Body, **given: Any) -> Message:
    """Return what the step makes of a message."""
    async with open_step("tidy", settings(**given)) as step:
        result = await step(message(body))
    assert isinstance(result, Message)
    return result


async def octets(body: Body) -> bytes:
    """Return the whole of *body*."""
    return b"".join([bytes(each) async for each in body.chunks()])


async def test_small_body() -> None:
    """The length of a small edited body is known."""
    result = await edited(WholeBody(part10(DATA_SET + PIXELS)), set={"PatientID": "NEW1"})
    expected = part10(DATA_SET.replace(b"\2\0ID", b"\4\0NEW1") + PIXELS)
    assert (expected, len(expected)) == (await octets(result.body), result.body.length)


@pytest.mark.parametrize("given", [{}, {"set": {"PatientID": "ID"}}, {"remove": ["PatientName"]}])
async def test_nothing_to_change(given: dict[str, Any]) -> None:
    """A message that nothing changes is the same message."""
    body = WholeBody(part10(DATA_SET + PIXELS))
    assert message(body) == await edited(body, **given)


async def test_arriving_body() -> None:
    """A body that still arrives is edited as it comes, to its end."""
    file = part10(DATA_SET + PIXELS)
    body = Arriving([file[:150], file[150:300], file[300:]])
    result = await edited(body, set={"PatientID": "NEW1"})
    assert (None, False) == (result.body.length, result.body.replayable)
    assert part10(DATA_SET.replace(b"\2\0ID", b"\4\0NEW1") + PIXELS) == await octets(result.body)
    assert body.is_consumed


async def test_large_body_can_be_read_again() -> None:
    """A replayable body stays replayable after the step, with the same octets each time."""
    result = await edited(WholeBody(part10(DATA_SET + PIXELS + bytes(9 * MIB))), set={"PatientID": "NEW1"})
    assert result.body.replayable
    assert await octets(result.body) == await octets(result.body)


async def test_identifiers() -> None:
    """The SOP Instance UID that is logged is that of the edited instance; the facts stay those of the received one."""
    result = await edited(WholeBody(part10(DATA_SET)), set={"SOPInstanceUID": "1.2.9"})
    assert ({"sop_instance_uid": "1.2.9"}, {"sop_class_uid": "1.2"}) == (result.identifiers, result.facts)


async def test_refused() -> None:
    """A malformed instance is refused, with a status and without payload in the reason."""
    step = EditDicom(settings(set={"PatientID": "NEW1"}))
    result = await step(message(WholeBody(part10(DATA_SET[:-1]))))
    reason = "The DICOM instance cannot be edited: the data set ends in the middle of an element."
    assert Refused(reason, code="C000") == result


async def test_refused_while_it_streams() -> None:
    """If a part has been sent already, the refusal is raised."""
    result = await edited(Arriving([part10(DATA_SET), element(0x00100021, "LO", b"A", 9)]), set={"PatientID": "NEW1"})
    with pytest.raises(StepRefused) as raised:
        await octets(result.body)
    assert "C000" == raised.value.refused.code


async def test_memory_is_flat() -> None:
    """An instance of 64 MiB, with 32 MiB before its pixel data, takes some MiB."""
    chunk = bytes(MIB // 4)

    def pieces() -> Iterable[bytes]:
        yield part10(DATA_SET + element(0x00420011, "OB", b"", 32 * MIB))
        for _ in range(128):
            yield chunk
        yield element(0x7FE00010, "OW", b"", 32 * MIB)
        for _ in range(128):
            yield chunk

    result = await edited(Arriving(pieces()), set={"PatientID": "NEW1"})
    size = 0
    tracemalloc.start()
    async for each in result.body.chunks():
        size += len(each)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == len(part10(DATA_SET)) + 2 + 24 + 64 * MIB
    assert peak < 4 * MIB


async def test_reading_is_given_up() -> None:
    """A consumer that stops ends the reading of the original."""
    ended = []

    class Body(Arriving):
        async def chunks(self) -> AsyncIterator[Buffer]:
            try:
                yield part10(DATA_SET)
                yield PIXELS
            finally:
                ended.append(True)

    result = await edited(Body([]), set={"PatientID": "NEW1"})
    assert isinstance(result.body, EditedBody)
    chunks = result.body.chunks()
    await anext(chunks)
    await chunks.aclose()  # type: ignore[attr-defined]
    assert [True] == ended


async def test_body_that_grows() -> None:
    """A small body that becomes large is not kept in memory, and comes whole."""
    items = element(0x00400275, "SQ", item(b"", None) * 1000, 0xFFFFFFFF) + struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
    text = "x" * 20_000
    result = await edited(WholeBody(part10(items)), set={"(0040,0275).(0040,A160)": text})
    assert isinstance(result.body, EditedBody)
    assert 1000 * (8 + 12 + len(text)) < len(await octets(result.body))


async def test_sequence_that_grows() -> None:
    """The size of an edited sequence that is held back is limited."""
    items = element(0x00400275, "SQ", item(b"") * 1000)
    step = EditDicom(settings(set={"(0040,0275).(0040,A160)": "x" * 20_000}))
    result = await step(message(WholeBody(part10(items))))
    assert isinstance(result, Refused)
    assert "16 MiB" in result.reason
