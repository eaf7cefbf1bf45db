"""python-hl7 as a receiver: prints MSH-10 of each message that it acknowledges."""

import asyncio
import sys

from hl7.mllp import start_hl7_server
from hl7.mllp.streams import HL7StreamReader, HL7StreamWriter


async def handle(reader: HL7StreamReader, writer: HL7StreamWriter) -> None:
    """Serve one connection."""
    while not writer.is_closing():
        try:
            message = await reader.readmessage()
        except asyncio.IncompleteReadError:
            break
        print(message.segment("MSH")[10], flush=True)
        writer.writemessage(message.create_ack())
        await writer.drain()
    writer.close()


async def main() -> None:
    """Serve until the end."""
    async with await start_hl7_server(handle, "127.0.0.1", int(sys.argv[1]), encoding="utf-8") as server:
        await server.serve_forever()


asyncio.run(main())
