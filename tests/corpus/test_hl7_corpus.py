"""Every HL7 file of the corpus, through the cores and through a real listener."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.hl7 import batch, intake
from adapters.hl7.acknowledgement import acknowledge, acknowledged_id, answer_code
from adapters.hl7.er7 import Header, ending, lead
from adapters.hl7.facts import Facts
from adapters.hl7.outbound import prepare
from adapters.mllp.events import Block
from adapters.mllp.framing import END, Framer, frame
from adapters.mllp.sending.files import messages_in
from gateway.contract.outcome import Refused
from tests.adapters.mllp.fakes import FakeDelivery, FakeMeter, listening
from tests.mllp_client import mllp_client

ROOT = Path(__file__).parent.parent.parent.parent / "shared" / "corpus" / "hl7"
FILES = sorted(path for path in ROOT.rglob("*") if path.is_file())
NOW = datetime(2024, 1, 2, tzinfo=UTC)

# What cannot be taken, and why.
WITHOUT_MSH = {"cosyte/no-msh-segment.hl7", "rethink/invalid-missing-msh.hl7"}
REFUSED = {"cosyte/msh-too-short.hl7": intake.NO_MESSAGE_TYPE}
MESSAGE_A_LINE = {"simhospital/messages.out.hl7"}
NOT_UTF_8 = {"cosyte/unknown-charset.hl7", "healthsamurai/imaging-lung-01.hl7"}

pytestmark = pytest.mark.skipif(not FILES, reason="the corpus is not beside the repository")


def name(path: Path) -> str:
    """Return the file's name in the corpus."""
    return path.relative_to(ROOT).as_posix()


def payloads(path: Path) -> list[bytes]:
    """Return what a sender puts into blocks: the file, or the blocks it holds where it was saved with its framing."""
    data = path.read_bytes()
    if name(path) in MESSAGE_A_LINE:  # segments end with CR, messages with LF: as one block it would be refused
        assert batch.cut(data).refusal is batch.UNCLEAR
        return messages_in(data)
    if END not in data:
        return [data.replace(b"\x0b", b"").replace(b"\x1c", b"")]  # left over from framing: no block can hold them
    return [event.payload for event in Framer(len(data)).receive_data(data) if isinstance(event, Block)]


@pytest.mark.parametrize("path", FILES, ids=name)
def test_cores(path: Path) -> None:
    """Facts are read from each message, and its acknowledgement names it in octets that can be sent."""
    found = payloads(path)
    assert found
    for payload in found:
        assert [Block(payload)] == Framer(len(payload)).receive_data(frame(payload))
        content = batch.cut(payload)
        assert (name(path) in WITHOUT_MSH) == (not content.messages and not content.batch)
        for message in content.messages:
            header = Header.parse(message)
            assert header is not None
            assert REFUSED.get(name(path)) == intake.refusal(header, message, "any")
            assert ("message_type" in Facts({}, header)) == (name(path) not in REFUSED)
            ack = acknowledge(header, "AA", control_id="1", now=NOW)
            assert ("AA", header.field(10)) == (answer_code(ack), acknowledged_id(ack))


@pytest.mark.parametrize("path", FILES, ids=name)
def test_utf_8(path: Path) -> None:
    """A destination that wants UTF-8 and CR gets both, with nothing lost, or a refusal for an unknown character set."""
    for payload in payloads(path):
        for message in batch.cut(payload).messages:
            sent = prepare(message, None, charset="utf-8", segment_end="cr")
            assert (name(path) in NOT_UTF_8) == isinstance(sent, Refused)
            if isinstance(sent, bytes):
                assert sent.startswith(b"MSH")
                assert b"\n" not in sent or ending(message, lead(message)) == b"\r"  # there it is text
                assert "\ufffd" not in sent.decode() or b"\xef\xbf\xbd" in message


async def test_listener() -> None:
    """Through a real socket, every message arrives byte for byte, and every block is answered as its header asks."""
    delivery, meter = FakeDelivery(), FakeMeter()
    async with listening(delivery, meter) as listener:
        for path in FILES:
            for payload in payloads(path):
                delivery.messages.clear()
                async with mllp_client(listener.port) as client:
                    client.writer.write(frame(payload))
                    client.writer.write_eof()
                    answers = Framer(1 << 24).receive_data(await client.reader.read())
                messages = list(batch.cut(payload).messages)
                expected = [] if name(path) in REFUSED else messages
                assert expected == delivery.payloads, name(path)
                asked = [codes for codes in map(wanted, messages) if codes]
                blocks = [answer.payload for answer in answers if isinstance(answer, Block)]
                assert sum(map(len, asked)) == sum(block.count(b"\rMSA") for block in blocks), name(path)
    assert sum(1 for path in FILES if name(path) in WITHOUT_MSH) == len(meter.rejections)


def wanted(message: bytes) -> list[str]:
    """Return the acknowledgements that a stored message asks for, by a reading of MSH-15 and MSH-16 of its own."""
    separator = message.lstrip(b"\xef\xbb\xbf\r\n\x0b")[3:4]
    line = message.lstrip(b"\xef\xbb\xbf\r\n\x0b").replace(b"\n", b"\r").split(b"\r")[0]
    fields = [*line.split(separator), *[b""] * 20]
    asked = [fields[number].decode() if fields[number] in (b"AL", b"NE", b"ER", b"SU") else "" for number in (14, 15)]
    if asked == ["", ""]:
        return ["AA"]
    return [code for code, condition in zip(("CA", "AA"), asked, strict=True) if condition in ("AL", "SU")]
