"""A store that answers like Static-DICOMWeb: 200 also for failures, whose items do not say which instance they mean.

The server is made here: the real one is no package of Debian's, and needs none of its other parts for this.
"""

import json
import re
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.adapters.dimse.raw_peer import command_of, store_rq
from tests.faults.peers import association, ct
from tests.processes import serving

pytestmark = pytest.mark.slow

STORED, FAILED = "1.2.3.1", "1.2.3.2"


def item(**attributes: tuple[str, object]) -> dict[str, object]:
    """Return an item of a sequence; a keyword is a tag behind an underscore."""
    return {tag[1:]: {"vr": vr, "Value": [value]} for tag, (vr, value) in attributes.items()}


async def store(request: web.Request) -> web.Response:
    """Store what is not FAILED; tell of the other that it failed and why, not which it was."""
    body = await request.read()
    uid = re.search(rb"\x08\x00\x18\x00UI..([0-9.]+)", body, re.DOTALL)
    assert uid is not None
    if uid[1].decode() == FAILED:
        said = {"00081198": {"vr": "SQ", "Value": [item(_00081197=("US", 0x0110))]}}
    else:
        stored = item(_00081155=("UI", uid[1].decode()))
        said = {"00081199": {"vr": "SQ", "Value": [stored]}}
    return web.Response(body=json.dumps(said), content_type="application/dicom+json")


@pytest.mark.parametrize("mode", ["relay", "commit"])
async def test_failure_without_a_name(tmp_path: Path, mode: str) -> None:
    """Such a failure is not answered 0000, and not recorded as delivered; the instance that was stored is."""
    application = web.Application()
    application.router.add_post("/studies", store)  # and nothing else: QIDO-RS is not there
    async with TestServer(application) as server:
        text = f"""
listeners: {{in: {{kind: dimse, port: 0, acknowledge: {mode}}}}}
destinations: {{out: {{kind: dicomweb, url: "{str(server.make_url("")).rstrip("/")}", max_attempts: 1}}}}
routes: [{{from: in, to: out}}]
data_dir: "{tmp_path / "data"}"
spool: {{min_free_bytes: 0}}
admin: {{port: 0}}
"""
        async with serving(tmp_path, text) as (gateway, ports), association(ports["in"]) as peer:
            statuses = []
            for uid in (STORED, FAILED):
                await peer.send(store_rq(ct(uid), uid=uid))
                statuses.append(int(command_of(await peer.receive()).Status))
            if mode == "commit":
                assert [0, 0] == statuses
                assert (await gateway.logged("message_parked"))["sop_instance_uid"] == FAILED
            else:
                assert 0 == statuses[0]
                assert 0 != statuses[1]
