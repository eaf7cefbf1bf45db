"""The first screen: what is stuck, whose fault it is, what to do, whom to call."""

import asyncio
from collections.abc import Callable, Set

from aiohttp import web
from markupsafe import Markup

from gateway.admin.callers import CALLER
from gateway.contract.observed import Status
from gateway.screen.live import may_act
from gateway.screen.pipeline_progress import Noted
from gateway.screen.pipeline_rows import OLD_SECONDS, PipelineShown, shown_of
from gateway.screen.rendering import Renderer
from gateway.screen.source import Source
from gateway.screen.usual import usual_rows

PARTS = ("verdict", "cases", "destinations", "peers")
"""The parts in their order. Each is a template ``part_NAME.html`` with one element, whose ID is the name."""
PIPELINE = "pipeline"
"""The last part, where there is a pipeline."""
ReadPipeline = Callable[[], Noted]
"""Returns what the last run of the pipeline has noted. It blocks."""


def parts_of(
    status: Status, renderer: Renderer, *, verbs: bool, pipeline: PipelineShown | None = None
) -> dict[str, str]:
    """Return the HTML of each part, for all viewers who may act, or for all who may not."""
    parts = {name: renderer.part(f"part_{name}.html", status=status, may_act=verbs) for name in PARTS}
    if pipeline is not None:
        parts[PIPELINE] = renderer.part(f"part_{PIPELINE}.html", pipeline=pipeline, old_seconds=OLD_SECONDS)
    return parts


class FirstScreen:
    """Answers the requests for the first screen."""

    def __init__(self, renderer: Renderer, source: Source, read_pipeline: ReadPipeline | None = None) -> None:
        self._renderer = renderer
        self._source = source
        self._read_pipeline = read_pipeline

    async def page(self, request: web.Request) -> web.Response:
        """Answer with the whole page."""
        caller = request[CALLER]
        status = await self._source.status()
        parts = parts_of(status, self._renderer, verbs=may_act(caller), pipeline=await self._pipeline())
        shown = [Markup(each) for each in parts.values()]  # noqa: S704  rendered above, with every value escaped
        return self._renderer.page("first_screen.html", caller, here="/", status=status, parts=shown)

    async def parts(self, kinds: Set[bool]) -> dict[bool, dict[str, str]]:
        """Return the parts for viewers who may act, for those who may not, or for both."""
        status = await self._source.status()
        pipeline = await self._pipeline()
        return {kind: parts_of(status, self._renderer, verbs=kind, pipeline=pipeline) for kind in kinds}

    async def _pipeline(self) -> PipelineShown | None:
        return None if self._read_pipeline is None else shown_of(await asyncio.to_thread(self._read_pipeline))

    async def usual_peers(self, request: web.Request) -> web.Response:
        """Answer with the table of the peers that are as usual, which the page has folded."""
        rows = usual_rows(await self._source.observed(), await self._source.status())
        return self._renderer.page("peer_rows.html", request[CALLER], rows=rows)
