"""The shortest relay from MLLP to MLLP with asyncio's streams: a block in, the block out, its answer back.

It cuts blocks but reads nothing in them: no answer is matched, no deadline, no metric, no log; one connection to the
receiver for each sender.
"""

import argparse
import asyncio

import uvloop

END = b"\x1c\r"


async def serve(port: int, receiver_port: int) -> None:
    """Serve on *port* until the process is ended."""

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, receiver = await asyncio.open_connection("127.0.0.1", receiver_port)
        try:
            while True:
                receiver.write(await reader.readuntil(END))
                writer.write(await answers.readuntil(END))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
            receiver.close()

    server = await asyncio.start_server(relay, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("receiver_port", type=int)
    options = parser.parse_args()
    uvloop.run(serve(options.port, options.receiver_port))
