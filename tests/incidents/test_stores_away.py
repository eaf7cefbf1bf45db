"""Incidents 1 to 3: nobody listens, a firewall drops, a name has no address."""

from pathlib import Path

import pytest

from tests.faults.sink import Sink
from tests.incidents.staging import Told, settings, staged
from tests.ports import free_port

pytestmark = [pytest.mark.long, pytest.mark.slow]

LAB = "lab: {kind: mllp, port: 0, acknowledge: commit}"
ROUTE = "{from: lab, to: results}"


def results(url: str, more: str = "") -> str:
    """Return a destination of messages."""
    return f'results: {{kind: http, accept_empty: true, contact: "Records on-call, 4411", url: "{url}"{more}}}'


async def test_1_process_is_down(tmp_path: Path) -> None:
    """The host of the store answers, but nothing listens; then it is started again."""
    sink = Sink(free_port())
    told = Told(
        "connection_refused",
        "results",
        "store",
        f"Nothing listens at 127.0.0.1:{sink.port}: its host answers, the service is down.",
        "Start the service of results, or call its owner.",
        ("Call Records on-call, 4411", "Hilum delivers by itself when it works again.", "1 message waits here, safe"),
    )
    async with staged(tmp_path, settings(tmp_path, LAB, results(sink.url), ROUTE)) as stage:
        async with sink.up():
            assert "AA" == await stage.message("lab", "C1")
            await sink.until(lambda _: len(sink.bodies) == 1)
            await stage.is_as_usual()
        assert "AA" == await stage.message("lab", "C2")
        await stage.tells(told)
        async with sink.up():
            await stage.is_as_usual()
            await stage.has_logged_once(told)
            assert 2 == len(sink.bodies)
