"""`hilum pipeline CONFIG run --watch` picks up a new object when a notification of its bucket comes."""

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")
pytest.importorskip("PIL", reason="the extra pipeline is not installed")

from tests.adapters.events.buckets.test_watching import UPLOADED, publish
from tests.adapters.events.cloud import SUBSCRIPTION, running_cloud
from tests.adapters.pipeline import small
from tests.gateway.cli.pipelining.pipelines import configuration
from tests.waiting import until


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_new_object(tmp_path: Path) -> None:
    """It is in the tables long before the next look, and the notification is acknowledged then."""
    for folder in ("public", "thumbs"):
        (tmp_path / folder).mkdir()
    small.put(tmp_path, "north/1.dcm", small.instance(1, 1))
    config = Path(configuration(tmp_path))
    async with running_cloud(tmp_path / "cloud") as cloud:
        await cloud.subscribe()
        told = f"{{subscription: {SUBSCRIPTION}, pubsub_url: '{cloud.sandbox.url}', settle_seconds: 0}}"
        gate = "{k_anonymity: 1, second_look: false}"
        text = config.read_text().replace("watch_seconds: 1", f"watch_seconds: 86400\n  gate: {gate}\n  processes: 1")
        config.write_text(f"{text}  notifications: {told}\n")
        command = [sys.executable, "-m", "gateway", "pipeline", str(config), "run", "--watch"]
        process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=DEVNULL)
        try:
            assert process.stdout is not None
            assert (await process.stdout.readline()).startswith(b"objects: 1; worked on now: 1; dead letters now: 0")
            small.put(tmp_path, "north/2.dcm", small.instance(1, 2))
            await publish(cloud, **UPLOADED)
            assert await process.stdout.readline() == b"tables and public side: changed\n"
            assert (await process.stdout.readline()).startswith(b"objects: 2; worked on now: 1; dead letters now: 0")
            await until(lambda: cloud.outstanding == 0)
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 0
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    assert len(small.rows(tmp_path / "identified", "dicom_metadata")) == 2
