"""The hospital system of the demo."""

import asyncio

from gateway.sandbox.hospital import Hospital

MESSAGE = b"MSH|^~\\&|APP|FAC|TO|THERE|20240102||ORU^R01|%d|P|2.5\r"


async def test_acknowledges() -> None:
    """Each message is acknowledged with its control ID, over one connection, and kept in order."""
    async with Hospital() as hospital:
        reader, writer = await asyncio.open_connection("127.0.0.1", hospital.port)
        for number in (1, 2):
            writer.write(b"\x0b" + MESSAGE % number + b"\x1c\r")
            assert b"MSA|AA|%d\r\x1c\r" % number in await reader.readuntil(b"\x1c\r")
        writer.close()
        assert {"1": "AA", "2": "AA"} == hospital.taken


async def test_ends() -> None:
    """It ends although a peer stays connected."""
    async with asyncio.timeout(30), Hospital() as hospital:
        reader, writer = await asyncio.open_connection("127.0.0.1", hospital.port)
        writer.write(b"\x0bno HL7\x1c\r")
        assert b"\x0b\x1c\r" == await reader.readuntil(b"\x1c\r")
    assert b"" == await reader.read()
    writer.close()
