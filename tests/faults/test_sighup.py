"""SIGHUP, as logrotate or a closed terminal sends it, ends nothing."""

import os
import signal
from pathlib import Path

import pytest

from tests.faults.sink import Sink
from tests.mllp_client import adt, code_of, mllp_client
from tests.processes import serving
from tests.running import relay

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("workers", [1, 2])
async def test_sighup_is_ignored(tmp_path: Path, workers: int) -> None:
    """The process and each of its workers go on with their peers, and say that the signal did nothing."""
    async with Sink().up() as sink:
        text = (
            relay("kind: mllp, port: 0", f'kind: http, accept_empty: true, url: "{sink.url}"') + f"workers: {workers}\n"
        )
        async with serving(tmp_path, text) as (process, ports), mllp_client(ports["in"]) as client:
            if workers > 1:
                os.kill((await process.logged("worker_started"))["pid"], signal.SIGHUP)
                await process.logged("signal_ignored")
            process.process.send_signal(signal.SIGHUP)
            await process.all_logged("signal_ignored", workers)
            assert "AA" == code_of(await client.ask(adt("C1")))
            process.process.terminate()
            assert 0 == await process.ended()
