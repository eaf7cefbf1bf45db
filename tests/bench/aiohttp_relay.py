"""A relay of HTTP requests made of aiohttp's server and its client: it passes each body on and checks nothing.

No token, no limit, no deadline, no retry, no metric, no log; the body is not read as JSON.
"""

import argparse
import asyncio

import uvloop
from aiohttp import ClientSession, TCPConnector, web


async def serve(port: int, store_port: int) -> None:
    """Serve on *port* until the process is ended."""
    async with ClientSession(f"http://127.0.0.1:{store_port}", connector=TCPConnector(limit=0)) as store:

        async def pass_on(request: web.BaseRequest) -> web.Response:
            headers = {"Content-Type": request.headers["Content-Type"]}
            async with store.post(request.path, data=await request.read(), headers=headers) as reply:
                return web.Response(status=reply.status, body=await reply.read(), content_type=reply.content_type)

        server = await asyncio.get_running_loop().create_server(web.Server(pass_on), "127.0.0.1", port, backlog=1024)
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("store_port", type=int)
    options = parser.parse_args()
    uvloop.run(serve(options.port, options.store_port))
