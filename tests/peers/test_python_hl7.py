"""python-hl7 as the peer: its blocking client, and its asyncio streams."""

import asyncio

import hl7
from hl7.client import MLLPClient
from hl7.mllp import open_hl7_connection, start_hl7_server
from hl7.mllp.streams import HL7StreamReader, HL7StreamWriter

from adapters.hl7.acknowledgement import is_positive
from adapters.mllp.sending.sender import MllpSender
from gateway.contract.outcome import Refused
from tests.adapters.mllp.fakes import FakeDelivery, FakeMeter, listening
from tests.mllp_client import adt


def verdict(answer: hl7.Message) -> tuple[str, str]:
    """Return MSA-1 and MSA-2."""
    return str(answer.segment("MSA")[1]), str(answer.segment("MSA")[2])


async def test_blocking_client() -> None:
    """MLLPClient sends bytes and messages, and reads our acknowledgements."""
    delivery = FakeDelivery()

    def talk(port: int) -> list[hl7.Message]:
        with MLLPClient("127.0.0.1", port) as client:
            answers = [client.send_message(adt("C1")), client.send_message(hl7.parse(adt("C2").decode()))]
        return [hl7.parse(answer.strip(b"\x0b\x1c\r") + b"\r", encoding="utf-8") for answer in answers]

    async with listening(delivery, FakeMeter()) as listener:
        answers = await asyncio.to_thread(talk, listener.port)
    assert [("AA", "C1"), ("AA", "C2")] == [verdict(answer) for answer in answers]
    assert adt("C1") == delivery.payloads[0]
    assert 2 == len(delivery.payloads)


async def test_streams() -> None:
    """HL7StreamReader and HL7StreamWriter hold a conversation with positive and negative answers."""
    delivery = FakeDelivery(outcomes={"C1": Refused("the content is wrong", code="101")})
    async with listening(delivery, FakeMeter()) as listener:
        reader, writer = await open_hl7_connection("127.0.0.1", listener.port, encoding="utf-8")
        answers = []
        for number in range(3):
            writer.writemessage(hl7.parse(adt(f"C{number}").decode()))
            await writer.drain()
            answers.append(await reader.readmessage())
        writer.close()
        await writer.wait_closed()
    assert [("AA", "C0"), ("AE", "C1"), ("AA", "C2")] == [verdict(answer) for answer in answers]
    assert "the content is wrong" == str(answers[1].segment("ERR")[8])


async def test_server() -> None:
    """Our sender is understood by python-hl7's server, and reads the acknowledgement that python-hl7 makes."""
    received = []

    async def serve(reader: HL7StreamReader, writer: HL7StreamWriter) -> None:
        message = await reader.readmessage()
        received.append(message)
        writer.writemessage(message.create_ack())
        await writer.drain()
        writer.close()

    server = await start_hl7_server(serve, "127.0.0.1", 0, encoding="utf-8")
    async with server, MllpSender("127.0.0.1", server.sockets[0].getsockname()[1], 5) as sender:
        assert is_positive(await sender.send(adt("C1")) or b"")
    assert ["C1"] == [str(message.segment("MSH")[10]) for message in received]
