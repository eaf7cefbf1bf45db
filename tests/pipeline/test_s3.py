"""The pipeline with a hospital and the public side in buckets of a real S3 server."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("obstore", reason="the extra objects is not installed")
pytest.importorskip("duckdb", reason="the extra tables is not installed")
pytest.importorskip("PIL", reason="the extra ocr is not installed")

from adapters.objects.settings import S3BucketSettings
from adapters.objects.stores import open_s3
from adapters.pipeline.operating import Operating
from adapters.pipeline.running import run
from adapters.pipeline.work import Work
from gateway.contract.objects import Bucket
from gateway.contract.pipeline import Parts
from tests.adapters.pipeline import small
from tests.s3_server import needs_s3, s3_server

pytestmark = [pytest.mark.slow, needs_s3, pytest.mark.timeout(300)]
REMOTE = {"north", "public", "thumbs"}


class OnS3(small.Opener):
    """Opens buckets on the server, but for one hospital's, which is a folder."""

    def __init__(self, root: Path, settings: dict[str, dict[str, Any]]) -> None:
        super().__init__(root)
        self._settings = settings

    def __call__(self, name: str) -> Bucket:
        """Return a bucket."""
        if name not in REMOTE:
            return super().__call__(name)
        return open_s3(f"buckets.{name}", S3BucketSettings.model_validate(self._settings[name]))


async def test_on_s3(tmp_path: Path) -> None:
    """The rows are those of folders; a second run writes nothing; the public table is asked where it is."""
    small.hospitals(tmp_path, images=1)
    folders = small.work(tmp_path, tables=tmp_path / "folders")
    await run(folders, small.here, "1")
    wanted = await asyncio.to_thread(small.rows, tmp_path / "public" / "tables", "public_table")
    async with s3_server(tmp_path / "s3") as server:
        opener = OnS3(tmp_path, {name: server.settings(name) for name in REMOTE})
        north = opener("north")
        for path in sorted((tmp_path / "north").rglob("*")):
            if path.is_file():
                await north.create(str(path.relative_to(tmp_path / "north")), small.once_chunk(path.read_bytes()))
        made = small.work(tmp_path, tables=tmp_path / "remote")
        work = Work(made.settings, made.step, made.domains, made.folder, opener)
        assert (await run(work, small.here, "1")).is_good
        assert not (await run(work, small.here, "1")).has_written
        pipeline = Operating(Parts(work.settings, work.step, work.domains, opener, "1"))
        answer = await pipeline.query("SELECT * FROM public_table ORDER BY ALL", None)
        assert list(answer.rows) == wanted
        keys = {each.key async for each in opener("thumbs").list("**.webp")}
        assert keys == {row[-1] for row in wanted}
        await pipeline.forget("north", "MRN-7711")
        left = {each.key async for each in opener("thumbs").list("**.webp")}
        assert len(left) == len(keys) - 1
