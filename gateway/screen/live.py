"""What happens is sent to the browsers that show the first screen, as server-sent events (HTML Living Standard 9.2).

One task makes the parts of the page, once for all viewers who may see the same. A viewer gets the parts that have
changed. One that does not read keeps at most one version of each part waiting, and is dropped after a while.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Set

import structlog
from aiohttp import web

from gateway.admin.callers import CALLER, Caller
from gateway.admin.places import PLACE
from gateway.admin.roles import Role
from gateway.screen.headers import HEADERS

EVERY_SECONDS = 2.0
"""Between two looks at the status, while somebody watches."""
COMMENT_SECONDS = 15.0
"""After so many seconds without a change a comment is sent, so that nothing between us and the browser hangs up."""
WRITE_SECONDS = 10.0
"""A viewer that does not read for so long is dropped."""
FULL = "too many browsers follow this page; raise admin.max_viewers, or close some"

STREAM_HEADERS = {
    **HEADERS,
    "Content-Type": "text/event-stream; charset=utf-8",
    "X-Accel-Buffering": "no",  # nginx, and others that know its header, pass each event on at once
}

Parts = Mapping[str, str]
MakeParts = Callable[[Set[bool]], Awaitable[Mapping[bool, Parts]]]
"""Returns the parts by name, for viewers who may act (True), for those who may not (False), or for both."""
NOTHING_NEW = ": nothing new\nevent: tick\ndata:\n\n"
STALE = "event: stale\ndata:\n\n"
"""Tells that the parts cannot be made, and that those on the page may be old."""

log = structlog.get_logger()


class Viewer:
    """One browser that follows: what it has yet to be sent."""

    def __init__(self, caller: Caller) -> None:
        self.may_act = may_act(caller)
        self.woken = asyncio.Event()
        self._waiting: dict[str, str] = {}
        self._is_stale = False

    def give(self, parts: Parts) -> None:
        """Keep *parts* for it, each in place of an older version of itself."""
        self._waiting.update(parts)
        if parts or self._is_stale:
            self.woken.set()
        self._is_stale = False

    def make_stale(self) -> None:
        """Have it told that what it shows may be old."""
        if not self._is_stale:
            self.woken.set()
        self._is_stale = True

    def take(self) -> str:
        """Return the events that it has yet to be sent."""
        self.woken.clear()
        waiting, self._waiting = self._waiting, {}
        return "".join(map(as_event, waiting.values())) + (STALE if self._is_stale else "" if waiting else NOTHING_NEW)


def may_act(caller: Caller) -> bool:
    """Whether verbs that act are shown to *caller*."""
    return caller.may(Role.OPERATOR) and bool(caller.csrf)


class Live:
    """All viewers of one page."""

    def __init__(
        self,
        make: MakeParts,
        for_viewer: Callable[[str, Caller], str],
        still_in: Callable[[web.Request], bool],
        most: int,
    ) -> None:
        self._make = make
        self._for_viewer = for_viewer
        self._still_in = still_in
        self._most = most
        self._viewers: set[Viewer] = set()
        self._sent: dict[bool, Parts] = {}
        self._task: asyncio.Task[None] | None = None
        self._is_closing = False

    def __len__(self) -> int:
        return len(self._viewers)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Send a viewer all parts, and then those that change, until it leaves, may not look any more, or we end."""
        if len(self._viewers) >= self._most or self._is_closing:
            return web.json_response({"error": FULL}, status=503, headers={**HEADERS, "Retry-After": "10"})
        viewer = Viewer(request[CALLER])
        self._viewers.add(viewer)
        try:
            response = web.StreamResponse(headers=STREAM_HEADERS)
            await response.prepare(request)
            if PLACE in request:
                request[PLACE].last()
            self._start()
            viewer.give(self._sent.get(viewer.may_act, {}))
            await self._send_all(request, response, viewer)
            return response
        finally:
            self._viewers.discard(viewer)

    async def close(self, _: web.Application | None = None) -> None:
        """End all streams, so that the port can end."""
        self._is_closing = True
        for viewer in self._viewers:
            viewer.woken.set()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _send_all(self, request: web.Request, response: web.StreamResponse, viewer: Viewer) -> None:
        while self._still_in(request) and not self._is_closing:
            try:
                async with asyncio.timeout(WRITE_SECONDS):
                    await response.write(self._for_viewer(viewer.take(), request[CALLER]).encode())
            except TimeoutError:
                log.info("admin_viewer_dropped", peer=request.remote)
                if request.transport is not None:
                    request.transport.abort()
                return
            except ConnectionError:
                return
            try:
                async with asyncio.timeout(COMMENT_SECONDS):
                    await viewer.woken.wait()
            except TimeoutError:
                pass

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        """Look again and again while there are viewers, and give each what has changed."""
        failed = ""
        while self._viewers:
            try:
                made = await self._make({each.may_act for each in self._viewers})
            except Exception as error:  # noqa: BLE001  the page says that it is not live; the next look may succeed
                if type(error).__name__ != failed:
                    failed = type(error).__name__
                    log.warning("admin_page_not_live", reason=failed)
                for viewer in self._viewers:
                    viewer.make_stale()
            else:
                failed = ""
                self._give(made)
            await asyncio.sleep(EVERY_SECONDS)
        self._sent.clear()

    def _give(self, made: Mapping[bool, Parts]) -> None:
        changed = {kind: dict(self._changed(self._sent.get(kind, {}), parts)) for kind, parts in made.items()}
        self._sent.update(made)
        for viewer in self._viewers:
            # One that has come since then gets all parts the next time.
            if viewer.may_act in changed:
                viewer.give(changed[viewer.may_act])

    @staticmethod
    def _changed(before: Parts, now: Parts) -> Iterator[tuple[str, str]]:
        return ((name, html) for name, html in now.items() if before.get(name) != html)


def as_event(html: str) -> str:
    """Return a part as one event: each of its lines is a field of its own."""
    lines = "".join(f"data: {line}\n" for line in html.splitlines() if line.strip())
    return f"event: part\n{lines}\n"
