"""The first screen of a real gateway: of one process, and of several workers."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientTimeout, CookieJar

from gateway.contract.pipeline import STATUS_FILE, STATUS_FOLDER, StageFacts
from gateway.journal.folder import folder_of
from gateway.journal.query import Query
from gateway.journal.search import search
from tests.gateway.screen.screens import HTML
from tests.mllp_client import adt, code_of, mllp_client
from tests.processes import serving
from tests.running import relay, running_gateway

NOTHING_THERE = 'kind: http, url: "http://127.0.0.1:1/"'


async def first_screen(port: int, token: str) -> str:
    """Sign in as a person does, and return the first screen."""
    url = f"http://127.0.0.1:{port}"
    async with ClientSession(
        timeout=ClientTimeout(total=20), cookie_jar=CookieJar(unsafe=True), headers=HTML
    ) as client:
        async with client.get(f"{url}/") as reply:
            assert "/sign-in" == reply.url.path
        async with client.post(f"{url}/sign-in", data={"token": token, "name": "a.meier"}) as reply:
            assert (200, "/") == (reply.status, reply.url.path)
            text = await reply.text()
        async with client.get(f"{url}/screen/live") as stream, asyncio.timeout(60):
            while b"event: part" not in await stream.content.readuntil(b"\n"):
                pass
    return text


async def discarded(port: int, token: str) -> None:
    """Discard what waits, as a script does."""
    url, headers = f"http://127.0.0.1:{port}/api/v1/spool/discard", {"Authorization": f"Bearer {token}"}
    what = {"destination": "out", "state": "waiting", "reason": "sent by hand"}
    async with ClientSession(headers=headers) as client, client.post(url, json=what) as reply:
        assert (200, {"count": 1}) == (reply.status, await reply.json())


async def test_one_process(tmp_path: Path) -> None:
    """A person on call signs in with the token that Hilum has made, and reads that all is as usual."""
    async with running_gateway(relay("kind: mllp, port: 0", NOTHING_THERE) + f"data_dir: {tmp_path}\n") as gateway:
        text = await first_screen(gateway.admin_port, (tmp_path / "admin-token").read_text().strip())
    assert "a.meier (administrator)" in text
    assert "out</a>" in text


PIPELINE = """\
buckets:
  north: {{kind: folder, url: "{root}/north"}}
  public: {{kind: folder, url: "{root}/public"}}
  thumbs: {{kind: folder, url: "{root}/thumbs"}}
steps:
  anonymous: {{kind: deidentify, key_file: "{root}/key", default_domain: hospital}}
domains: {{hospital: {{}}}}
pipeline:
  hospitals: {{north: {{images: "north:**.dcm"}}}}
  via: anonymous
  tables: {root}/identified
  public: {{tables: "public:", thumbnails: "thumbs:", columns: [Modality]}}
"""


async def test_pipeline(tmp_path: Path) -> None:
    """What a run of the pipeline has noted is on the first screen and in the metrics, without its hospital there."""
    stage = StageFacts("north", "headers", 5, 1, 2, "it is cut")
    (tmp_path / "identified" / STATUS_FOLDER).mkdir(parents=True)
    (tmp_path / "identified" / STATUS_FOLDER / STATUS_FILE).write_text(json.dumps({"stages": [asdict(stage)]}))
    (tmp_path / "key").write_text("ab" * 32)
    base = relay("kind: mllp, port: 0", NOTHING_THERE) + f"data_dir: {tmp_path}/data\n"
    async with running_gateway(base + PIPELINE.format(root=tmp_path)) as gateway:
        token = (tmp_path / "data" / "admin-token").read_text().strip()
        assert "north: it is cut" in await first_screen(gateway.admin_port, token)
        metrics = f"http://127.0.0.1:{gateway.admin_port}/metrics"
        async with ClientSession() as client, asyncio.timeout(60):
            text = ""
            while 'hilum_pipeline_objects{stage="headers",state="dead"} 1.0' not in text:
                async with client.get(metrics, headers={"Authorization": f"Bearer {token}"}) as reply:
                    text = await reply.text()
    assert "north" not in text


@pytest.mark.slow
async def test_workers(tmp_path: Path) -> None:
    """With several workers the supervisor has the pages, and shows what all of them have observed."""
    data = tmp_path / "data"
    text = relay("kind: mllp, port: 0, acknowledge: commit", NOTHING_THERE) + f"data_dir: {data}\nworkers: 2\n"
    async with serving(tmp_path, text) as (process, ports):
        async with mllp_client(ports["in"]) as client:
            assert "AA" == code_of(await client.ask(adt("C1")))
        async with asyncio.timeout(60):
            while not (found := [each for each in process.events if "workers" in each and "ports" in each]):
                await asyncio.sleep(0.02)
        shown = await first_screen(found[0]["admin_port"], (data / "admin-token").read_text().strip())
        await discarded(found[0]["admin_port"], (data / "admin-token").read_text().strip())
        process.process.terminate()
        await process.ended()
    assert "a.meier (administrator)" in shown
    assert "out</a>" in shown
    rows = [each.row for each in search(folder_of(data), Query(outcome="discarded")).found]
    assert ["out"] == [each.destination for each in rows], "what the supervisor discards is in its journal"
