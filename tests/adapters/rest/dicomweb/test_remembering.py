"""A gateway that writes into the DICOM store from which it reads."""

import asyncio
from pathlib import Path

from gateway import app
from gateway.config.loading import parse
from gateway.contract.sending import DEFAULT, Address
from gateway.kinds import KINDS
from gateway.sandbox.server import DATASET
from tests.adapters.events.cloud import SUBSCRIPTION, running_cloud, until
from tests.dicom_files import make_series, sop_instance_uid
from tests.gateway.sandbox.stow_client import Store


async def test_own_instances_do_not_come_back(tmp_path: Path) -> None:
    """What Hilum has stored is known when it comes back; what others have stored is delivered."""
    async with running_cloud(tmp_path / "cloud") as cloud:
        await cloud.subscribe("dicomStores/d")
        store = f"{cloud.sandbox.url}/{DATASET}/dicomStores/d"
        config = parse(f"""
listeners:
  ct: {{kind: dimse, port: 0, acknowledge: relay}}
  from-cloud: {{kind: pubsub_dicom, subscription: {SUBSCRIPTION}, store: "{store}", pubsub_url: "{cloud.sandbox.url}",
    acknowledge: relay, settle_seconds: 1}}
destinations:
  store: {{kind: dicomweb, url: "{store}/dicomWeb"}}
  other: {{kind: dicomweb, url: "{cloud.sandbox.dicom_web_url("other")}"}}
routes:
  - {{from: ct, to: store}}
  - {{from: from-cloud, to: other}}
admin: {{port: 0}}
data_dir: "{tmp_path / "data"}"
drain_seconds: 5
""")
        stop, started = asyncio.Event(), asyncio.get_running_loop().create_future()
        running = asyncio.create_task(app.run(config, stop, started.set_result))
        try:
            own, theirs = make_series(tmp_path, 2)
            send = KINDS.listeners["dimse"].send
            assert send is not None
            address = Address("127.0.0.1", (await started).ports["ct"], "HILUM")
            assert ["0000"] == [each.answer async for each in send(address, [own], DEFAULT)]
            assert 200 == (await Store(cloud.sandbox, cloud.client)(theirs.read_bytes()))[0]
            await until(lambda: not cloud.outstanding)
        finally:
            stop.set()
            await running
        async with cloud.client.get(f"{cloud.sandbox.dicom_web_url('other')}/instances") as reply:
            found = [each["00080018"]["Value"][0] for each in await reply.json(content_type=None)]
    assert [sop_instance_uid(theirs.read_bytes())] == found
