"""``/api/v1/pipeline`` tells how far the pipeline is, and names no object."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.screen.pipeline_api import NOTHING, PIPELINE, add_pipeline_api
from gateway.screen.pipeline_progress import UNREADABLE


async def told(tables: Path | None) -> dict[str, Any]:
    """Return the answer."""
    application = web.Application()
    add_pipeline_api(application, tables)
    async with TestClient(TestServer(application)) as client, client.get(PIPELINE) as reply:
        found: dict[str, Any] = await reply.json()
        return found


async def test_before_a_run(tmp_path: Path) -> None:
    """Without a pipeline, and before its first run, there is nothing; what is damaged is told."""
    assert await told(None) == await told(tmp_path) == NOTHING
    (tmp_path / "work" / "report").mkdir(parents=True)
    (tmp_path / "work" / "report" / "status.json").write_bytes(b"{")
    assert (await told(tmp_path))["problem"] == UNREADABLE


async def test_after_a_run(tmp_path: Path) -> None:
    """What a run has written is told as it is: counts and the first reason."""
    pytest.importorskip("PIL", reason="the extra ocr is not installed")
    from adapters.pipeline.reporting import Reports  # noqa: PLC0415
    from adapters.pipeline.status import note  # noqa: PLC0415
    from gateway.contract.pipeline import Running, StageFacts  # noqa: PLC0415

    (tmp_path / "work").mkdir()
    note(Reports(tmp_path / "work"), [StageFacts("north", "headers", 5, 1, 2, "it is cut")], [], Running(3, 9))
    found = await told(tmp_path)
    assert found["running"] == {"done": 3, "total": 9}
    assert found["stages"][0]["first_reason"] == "it is cut"
