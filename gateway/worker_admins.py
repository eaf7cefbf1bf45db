"""The admin port of a gateway with several workers: asks each worker's own and puts the answers together."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from gateway.admin_access import KNOWN, Access
from gateway.summing import add_up

ASK_SECONDS = 5.0


class WorkerAdmins:
    """The workers' admin ports, as *ports* gives them at the moment: None where there is no process just now.

    *token* is what makes the supervisor known to them, whom no one else on the machine may ask.
    """

    def __init__(self, ports: Callable[[], list[int | None]], token: str = "") -> None:
        self._ports = ports
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._session: ClientSession

    async def __aenter__(self) -> Self:
        self._session = ClientSession(headers=self._headers, timeout=ClientTimeout(total=ASK_SECONDS))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    def application(self, access: Access | None = None) -> web.Application:
        """Return what the supervisor serves; without *access* everybody may ask for everything."""
        application = web.Application(middlewares=[(access or Access()).guard()])
        application.add_routes(
            [web.get("/livez", self._livez), web.get("/readyz", self._readyz), web.get("/metrics", self._metrics)]
        )
        return application

    async def _livez(self, _: web.Request) -> web.Response:
        return web.json_response({"state": "alive"})

    async def _readyz(self, request: web.Request) -> web.Response:
        answers = await self._ask_all("/readyz")
        ready = all(answer is not None and answer[0] == 200 for answer in answers)
        state = "ready" if ready else "not ready"
        if not request[KNOWN]:
            return web.json_response({"state": state}, status=200 if ready else 503)
        bodies = ",".join(answer[1] if answer else '{"state":"not running"}' for answer in answers)
        text = f'{{"state":"{state}","workers":[{bodies}]}}'
        return web.Response(text=text, content_type="application/json", status=200 if ready else 503)

    async def _metrics(self, _: web.Request) -> web.Response:
        text = add_up(answer[1] for answer in await self._ask_all("/metrics") if answer is not None)
        return web.Response(text=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def _ask_all(self, path: str) -> list[tuple[int, str] | None]:
        return await asyncio.gather(*(self._ask(port, path) for port in self._ports()))

    async def _ask(self, port: int | None, path: str) -> tuple[int, str] | None:
        if port is None:
            return None
        try:
            async with self._session.get(f"http://127.0.0.1:{port}{path}") as reply:
                return reply.status, await reply.text()
        except (ClientError, TimeoutError):
            return None
