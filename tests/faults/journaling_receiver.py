"""An MLLP receiver that keeps a journal: MSH-10 of each message is in the file before its answer is sent.

Run as ``python journaling_receiver.py PORT FILE``; it may be killed at any moment.
"""

import asyncio
import os
import sys


async def main(port: int, journal: int) -> None:
    """Serve until the end."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                block = await reader.readuntil(b"\x1c\r")
            except (asyncio.IncompleteReadError, ConnectionError):
                writer.close()
                return
            control_id = block.split(b"|", 10)[9]
            os.write(journal, control_id + b"\n")
            await asyncio.sleep(0.002)  # so that a kill between journal and answer is not rare
            writer.write(b"\x0bMSH|^~\\&|R|R|S|S|||ACK|1|P|2.5\rMSA|AA|" + control_id + b"\r\x1c\r")

    server = await asyncio.start_server(talk, "127.0.0.1", port, limit=1 << 24)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)))
