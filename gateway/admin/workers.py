"""The admin port of a gateway with several workers: asks the admin port of each and combines the answers."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from gateway.admin.access import KNOWN, Access
from gateway.admin.report import report_of_workers
from gateway.telemetry.summing import add_up, only_counters

ASK_SECONDS = 5.0
SILENT_SECONDS = 5.0
"""A worker without a sign of life for this long is not asked."""
REMEMBER_SECONDS = 5.0
"""Seconds between two reads of all counters: if a worker dies, at most the counts of so many seconds are lost."""
LIFELESS_SECONDS = 60.0
"""If no worker has been up for this long, `/livez` answers 503: a restart of the whole gateway may help."""


@dataclass(slots=True, eq=False)
class WorkerAdmin:
    """The admin port of one worker's process."""

    number: int
    port: int
    silent_seconds: float = 0.0
    """Seconds since the last sign of life."""
    metrics: str = ""
    """The last answer to `/metrics`."""


class WorkerAdmins:
    """The admin ports of the workers; *workers* returns the current ones by number, None if a process is not ready.

    The supervisor sends *token* to the workers, so that nobody else on the machine can use their ports. *own* returns
    the supervisor's metrics.
    """

    def __init__(
        self,
        workers: Callable[[], Mapping[int, WorkerAdmin | None]],
        token: str = "",
        own: Callable[[], str] = str,
        lifeless_seconds: float = LIFELESS_SECONDS,
    ) -> None:
        self._workers = workers
        self._own = own
        self._dead = ""
        """The counters of worker processes that have ended."""
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._lifeless_seconds = lifeless_seconds
        self._last_up = time.monotonic()
        self._session: ClientSession
        self._task: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        self._session = ClientSession(headers=self._headers, timeout=ClientTimeout(total=ASK_SECONDS))
        self._task = asyncio.create_task(self._remember())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        await self._session.close()

    def application(self, access: Access | None = None) -> web.Application:
        """Return the admin application of the supervisor; without *access*, nothing is demanded of clients."""
        application = web.Application(middlewares=[(access or Access()).guard()])
        application.add_routes(
            [web.get("/livez", self._livez), web.get("/readyz", self._readyz), web.get("/metrics", self._metrics)]
        )
        return application

    async def observed(self) -> tuple[list[Any], list[int]]:
        """Return what each worker has observed, and the numbers of the workers that do not say it."""
        answers = await self._ask_all("/api/v1/observed")
        told = {number: json.loads(each[1]) for number, each in answers.items() if each and each[0] == 200}
        return list(told.values()), [number for number in answers if number not in told]

    async def associations(self, peer: str) -> list[Any]:
        """Return the last associations of a peer with all workers that say it."""
        answers = await self._ask_all(f"/api/v1/associations?peer={quote(peer, safe='')}")
        return [each for answer in answers.values() if answer and answer[0] == 200 for each in json.loads(answer[1])]

    def ended(self, worker: WorkerAdmin) -> None:
        """Keep the counters of a process that has ended, so that the sums never decrease."""
        self._dead = add_up([self._dead, only_counters(worker.metrics)])

    async def _livez(self, _: web.Request) -> web.Response:
        if not self._one_is_up() and time.monotonic() - self._last_up > self._lifeless_seconds:
            return web.json_response({"state": "no worker is up"}, status=503)
        return web.json_response({"state": "alive"})

    async def _readyz(self, request: web.Request) -> web.Response:
        answers = await self._ask_all("/readyz")
        ready = all(answer is not None and answer[0] == 200 for answer in answers.values())
        reports = {
            number: json.loads(answer[1]) if answer else self._absence(number) for number, answer in answers.items()
        }
        body = report_of_workers(reports, ready=ready)
        shown = body if request[KNOWN] else {"state": body["state"]}
        return web.json_response(shown, status=200 if ready else 503)

    def _absence(self, number: int) -> str:
        return "not running" if self._workers()[number] is None else "does not answer"

    async def _metrics(self, _: web.Request) -> web.Response:
        answers = await self._ask_all("/metrics")
        # Only current workers are added: a process may have ended since it answered, and _dead has its counters then.
        workers = [each for each in self._workers().values() if each is not None]
        there = [each.metrics if answers[each.number] else only_counters(each.metrics) for each in workers]
        text = add_up([self._own(), self._dead, *there])
        return web.Response(text=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def _remember(self) -> None:
        while True:
            await asyncio.sleep(REMEMBER_SECONDS)
            self._one_is_up()
            await self._ask_all("/metrics?counters")

    def _one_is_up(self) -> bool:
        """Whether a worker is up; if so, the time is recorded."""
        is_up = any(each is not None and each.silent_seconds < SILENT_SECONDS for each in self._workers().values())
        if is_up:
            self._last_up = time.monotonic()
        return is_up

    async def _ask_all(self, path: str) -> dict[int, tuple[int, str] | None]:
        workers = self._workers()
        answers = await asyncio.gather(*(self._ask(each, path) for each in workers.values()))
        return dict(zip(workers, answers, strict=True))

    async def _ask(self, worker: WorkerAdmin | None, path: str) -> tuple[int, str] | None:
        if worker is None or worker.silent_seconds >= SILENT_SECONDS:
            return None
        try:
            async with self._session.get(f"http://127.0.0.1:{worker.port}{path}") as reply:
                text = await reply.text()
        except (ClientError, OSError, TimeoutError):
            return None
        if path.startswith("/metrics") and reply.status == 200:
            worker.metrics = text
        return reply.status, text
