"""Nothing that identifies a patient leaves a process that fetches from a store, but towards the destinations."""

import asyncio
from pathlib import Path

from aiohttp import ClientSession, web

from gateway.admin.server import serve_admin
from tests.adapters.events.cloud import SUBSCRIPTION, Cloud, running_cloud
from tests.phi.canaries import CANARY, canary_adt
from tests.phi.daemon import refuse
from tests.processes import serving

COUNT = 3
MODES = ("relay", "commit")
KINDS = ("good", "refusing", "dead", "unrouted")


def configuration(cloud: Cloud, careless: str, folder: Path) -> str:
    """Return a configuration with listeners of both modes to good, refusing and dead stores, and to none."""
    urls = {
        "good": cloud.sandbox.hl7v2_store_url("other"),
        "refusing": careless,
        "dead": "http://127.0.0.1:1/",
        "unrouted": cloud.sandbox.hl7v2_store_url("other"),
    }
    source = f'store: "{cloud.sandbox.hl7v2_store_url()}", pubsub_url: "{cloud.sandbox.url}", start: oldest'
    lines = [f"data_dir: {folder / 'data'}", "admin: {port: 0}", "spool: {min_free_bytes: 0}", "drain_seconds: 2"]
    listeners, destinations, routes = ["listeners:"], ["destinations:"], ["routes:"]
    for kind, url in urls.items():
        destinations.append(f'  {kind}: {{kind: hl7v2_store, url: "{url}", max_attempts: 2}}')
        for mode in MODES:
            listeners.append(
                f"  {mode}-{kind}: {{kind: pubsub, subscription: {SUBSCRIPTION}, {source}, settle_seconds: 0,"
                f" reconcile_seconds: 1, acknowledge: {mode}}}"
            )
            when = ", when: {message_type: 'NONE^*'}" if kind == "unrouted" else ""
            routes.append(f"  - {{from: {mode}-{kind}, to: {kind}, within: 5, attempts: 1{when}}}")
    return "\n".join([*lines, *listeners, *destinations, *routes])


async def test_canaries(tmp_path: Path) -> None:
    """No canary of fetched messages is in the log at debug, the metrics or what `/readyz` says."""
    application = web.Application(client_max_size=1 << 28)
    application.router.add_route("*", "/{path:.*}", refuse)
    async with running_cloud(tmp_path / "cloud") as cloud, serve_admin(application, "127.0.0.1", 0) as port:
        await cloud.subscribe()
        for number in range(COUNT):
            await cloud.create_data(canary_adt(f"C{number}"))
        text = configuration(cloud, f"http://127.0.0.1:{port}/", tmp_path)
        async with serving(tmp_path, text, "--log-level", "debug") as (process, _):
            await process.all_logged("message_not_routed", 2 * COUNT)
            await process.all_logged("source_message_held", 2)
            await process.all_logged("message_parked", 1)
            admin = (await process.logged("gateway_started"))["admin_port"]
            said = [await ask(admin, path, tmp_path) for path in ("/metrics", "/readyz")]
            process.process.terminate()
            await process.ended()
    said += list(map(str, process.events))
    assert 0 == "\n".join(said).count(CANARY)


async def ask(port: int, path: str, folder: Path) -> str:
    """Return what the admin port says."""
    token = await asyncio.to_thread((folder / "data" / "admin-token").read_text)
    headers = {"Authorization": f"Bearer {token.strip()}"}
    async with ClientSession(f"http://127.0.0.1:{port}", headers=headers) as client, client.get(path) as reply:
        return await reply.text()
