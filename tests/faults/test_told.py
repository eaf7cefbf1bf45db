"""What operators are told of a gateway: the log never says "stored" of what no store has, and edges are lines."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from structlog.testing import capture_logs

from gateway.spool import SpoolSettings, open_spool
from tests.adapters.dimse.raw_peer import store_rq
from tests.faults.commit_mode import MLLP, committing, http
from tests.faults.peers import association, ct, hl7
from tests.faults.sink import Sink
from tests.gateway.spool.spools import commit
from tests.mllp_client import code_of, mllp_client
from tests.ports import free_port
from tests.processes import hilum, serving
from tests.running import relay, running_gateway

DIMSE = "kind: dimse, port: 0"


async def ready(port: int) -> tuple[int, dict[str, Any]]:
    """Return what /readyz says."""
    async with ClientSession() as client, client.get(f"http://127.0.0.1:{port}/readyz") as reply:
        return reply.status, await reply.json()


@pytest.mark.parametrize("mode", ["relay", "commit"])
@pytest.mark.parametrize("kind", ["mllp", "dimse"])
async def test_stored_is_what_a_store_has(tmp_path: Path, kind: str, mode: str) -> None:
    """In commit mode the line of an answer says ``committed``, and ``stored`` comes when the store has the message."""
    sink = Sink(free_port())
    store = http(sink)["out"] if kind == "mllp" else f'kind: dicomweb, url: "{sink.url}", accept_empty: true'
    listener = MLLP if kind == "mllp" else DIMSE
    text = committing(tmp_path, {"out": store}, listener) if mode == "commit" else relay(listener, store)
    with capture_logs() as logs:
        async with sink.up(), running_gateway(text) as gateway:
            if kind == "mllp":
                async with mllp_client(gateway.ports["in"]) as client:
                    assert "AA" == code_of(await client.ask(hl7("C1")))
            else:
                async with association(gateway.ports["in"]) as peer:
                    await peer.send(store_rq(ct("1.2.3.1"), uid="1.2.3.1"))
                    assert 0 == await peer.status()
            async with asyncio.timeout(60):
                while not sink.bodies:
                    await asyncio.sleep(0.02)
    (answered,) = [line for line in logs if line["event"] in ("message_answered", "instance_answered")]
    assert ("committed" if mode == "commit" else "stored") == answered["outcome"]
    delivered = [line["outcome"] for line in logs if line["event"] == "message_delivered"]
    assert (["stored"] if mode == "commit" else []) == delivered


async def test_both_protocols_have_the_same_fields(tmp_path: Path) -> None:
    """A line about an answer has the same fields whatever was spoken, but for the names of message and peer."""
    found: dict[str, set[str]] = {}
    for listener, event in ((MLLP, "message_answered"), (DIMSE, "instance_answered")):
        kind = "http" if listener == MLLP else "dicomweb"
        with capture_logs() as logs:
            text = relay(listener, f'kind: {kind}, url: "http://127.0.0.1:1/"', attempts=1)
            async with running_gateway(text) as gateway:
                if listener == MLLP:
                    async with mllp_client(gateway.ports["in"]) as client:
                        await client.ask(hl7("C1"))
                else:
                    async with association(gateway.ports["in"]) as peer:
                        await peer.send(store_rq(ct("1.2.3.1"), uid="1.2.3.1"))
                        await peer.status()
        (line,) = [line for line in logs if line["event"] == event]
        assert ("in", "unavailable") == (line["listener"], line["outcome"])
        assert line["peer"].startswith("127.0.0.1:")
        found[event] = set(line)
    own = {"control_id", "sop_instance_uid", "calling_ae_title", "called_ae_title"}
    assert found["message_answered"] - own == found["instance_answered"] - own


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
async def test_no_room_at_the_start(tmp_path: Path, workers: int) -> None:
    """A gateway that can take nothing starts, says path, figures and key, and is not ready; metrics show it."""
    least = shutil.disk_usage(tmp_path).total * 2
    text = committing(tmp_path / "data", http(Sink(free_port())), spool=f"min_free_bytes: {least}")
    async with serving(tmp_path, f"{text}workers: {workers}\n") as (process, ports):
        short = await process.logged("spool_room_short")
        started = await process.all_logged("gateway_started", 1 if workers == 1 else 1 + workers)
        (port,) = [each["admin_port"] for each in started if workers == 1 or "workers" in each]
        status, body = await ready(port)
        async with mllp_client(ports["in"]) as client:
            assert "AR" == code_of(await client.ask(hl7("C1")))
        async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as reply:
            lines = (await reply.text()).splitlines()
    assert ("error", str(tmp_path / "data"), "spool.min_free_bytes", least) == (
        short["level"],
        short["path"],
        short["key"],
        short["limit_bytes"],
    )
    assert 0 < short["free_bytes"] < least
    assert (503, "not ready") == (status, body["state"])
    assert f"and spool.min_free_bytes is {least}" in body["troubles"]["spool space"]
    metrics = {line.rpartition(" ")[0]: line.rpartition(" ")[2] for line in lines}
    assert least == float(metrics['hilum_spool_limit_bytes{limit="min_free_bytes"}'])
    assert 0 < float(metrics["hilum_spool_free_bytes"]) < least


async def test_relay_needs_no_room(tmp_path: Path) -> None:
    """Where no listener commits, a disk without room keeps nobody out, also where an earlier spool is still there."""
    async with open_spool(tmp_path, SpoolSettings(min_free_bytes=0)) as spool:
        await commit(spool)
    least = shutil.disk_usage(tmp_path).total * 2
    text = relay(MLLP, 'kind: http, url: "http://127.0.0.1:1/"')
    async with running_gateway(f"{text}data_dir: {tmp_path}\nspool: {{min_free_bytes: {least}}}\n") as gateway:
        status, body = await ready(gateway.admin_port)
    assert (200, {}) == (status, body["troubles"])


async def test_start_and_end_of_a_destination_that_is_away(tmp_path: Path) -> None:
    """The start says what is started and what waits; a store that is away, and its return, is one line each."""
    sink = Sink(free_port())
    text = committing(tmp_path / "data", http(sink), f"{MLLP}, order_by: none")
    async with serving(tmp_path, text) as (process, ports):
        starting = await process.logged("gateway_starting")
        assert [{}, {}] == [(await process.logged("spool_opened"))[key] for key in ("waiting", "parked")]
        async with mllp_client(ports["in"]) as client:
            for number in range(8):
                assert "AA" == code_of(await client.ask(hl7(f"C{number}")))
        away = await process.logged("destination_unavailable")
        async with sink.up():
            back = await process.logged("destination_recovered")
    assert (str(tmp_path / "hilum.yaml"), str(tmp_path / "data")) == (starting["configuration"], starting["data_dir"])
    assert ("out", "out", 1) == (away["destination"], back["destination"], back["delivered"])
    assert 1 <= away["waiting"] <= 8
    assert back["after_seconds"] > 0
    edges = [each["event"] for each in process.events if each["event"].startswith("destination_")]
    assert ["destination_unavailable", "destination_recovered"] == edges


async def test_the_start_says_what_waits(tmp_path: Path) -> None:
    """What an earlier process has left is counted by destination."""
    async with open_spool(tmp_path, SpoolSettings(min_free_bytes=0)) as spool:
        await commit(spool)
    text = committing(tmp_path, {"store": 'kind: http, url: "http://127.0.0.1:1/"'})
    async with serving(tmp_path, text) as (process, _):
        opened = await process.logged("spool_opened")
    assert ({"store": 1}, {}, str(tmp_path)) == (opened["waiting"], opened["parked"], opened["path"])


@pytest.mark.parametrize("log_format", ["json", "console"])
async def test_fatal_errors_are_lines_of_the_log(tmp_path: Path, log_format: str) -> None:
    """Who collects the log learns why the gateway does not start, in the format that was chosen."""
    path = tmp_path / "hilum.yaml"
    path.write_text(relay(MLLP, 'kind: http, url: "http://127.0.0.1:1/"').replace("to: out", "to: nowhere"))
    async with hilum("serve", path, "--log-format", log_format) as process:
        assert 2 == await process.ended()
    (line,) = process.events
    reason = f"{path}:4:25: routes[0].to: there is no destination 'nowhere'; there is out"
    if log_format == "json":
        assert ("gateway_not_started", "critical", reason) == (line["event"], line["level"], line["reason"])
    else:
        assert "critical" in line["event"]
        assert "gateway_not_started" in line["event"]
        assert "there is no destination" in line["event"]


@pytest.mark.slow
async def test_workers_name_themselves(tmp_path: Path) -> None:
    """With several workers each line of one has its number."""
    text = relay(MLLP, 'kind: http, url: "http://127.0.0.1:1/"')
    async with serving(tmp_path, f"{text}workers: 2\n") as (process, _):
        bound = await process.all_logged("listener_bound", 2)
    assert {1, 2} == {each["worker"] for each in bound}
