"""Nothing that identifies a patient leaves a process that fetches from a store, but towards the destinations."""

from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from gateway.admin.server import serve_admin
from gateway.sandbox.server import DATASET
from tests.adapters.events.cloud import SUBSCRIPTION, TOPIC, Cloud, running_cloud, told_fhir_store
from tests.gateway.sandbox.stow_client import Store
from tests.phi.canaries import BIRTH_DATE, CANARY, canary_adt, canary_instance, canary_json, canary_patient
from tests.phi.daemon import Daemon, refuse
from tests.phi.finder import leaks
from tests.phi.test_phi import everything_said
from tests.processes import serving
from tests.waiting import until

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
    """No canary of fetched messages is in the log at debug, the metrics, what `/readyz` says, or a file's name."""
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
    said += [*map(str, process.events), *file_names(tmp_path / "data")]
    assert 0 == "\n".join(said).count(CANARY)


@pytest.mark.parametrize(("mode", "kind"), [("relay", "good"), ("relay", "refusing"), ("commit", "dead")])
async def test_canaries_of_instances(tmp_path: Path, mode: str, kind: str) -> None:
    """No canary of fetched instances is in the log, the metrics, what `/readyz` says, or a file's name."""
    application = web.Application(client_max_size=1 << 28)
    application.router.add_route("*", "/{path:.*}", refuse)
    async with running_cloud(tmp_path / "cloud") as cloud, serve_admin(application, "127.0.0.1", 0) as port:
        await cloud.subscribe("dicomStores/d")
        files = [canary_instance(f"1.2.3.{number}", "1.2.3") for number in range(COUNT)]
        assert 200 == (await Store(cloud.sandbox, cloud.client)(*files))[0]
        urls = {"good": cloud.sandbox.dicom_web_url("other"), "refusing": f"http://127.0.0.1:{port}"}
        url = urls.get(kind, "http://127.0.0.1:1")
        text = f"""
data_dir: {tmp_path / "data"}
admin: {{port: 0}}
spool: {{min_free_bytes: 0}}
drain_seconds: 2
listeners:
  in: {{kind: pubsub_dicom, subscription: {SUBSCRIPTION}, store: "{cloud.sandbox.url}/{DATASET}/dicomStores/d",
    pubsub_url: "{cloud.sandbox.url}", settle_seconds: 0, acknowledge: {mode}}}
destinations:
  out: {{kind: dicomweb, url: "{url}"}}
routes:
  - {{from: in, to: out}}
"""
        async with serving(tmp_path, text, "--log-level", "debug") as (process, _):
            if kind == "refusing":
                await process.all_logged("source_message_held", 1)
            else:
                await until(lambda: not cloud.outstanding)
            admin = (await process.logged("gateway_started"))["admin_port"]
            said = [await ask(admin, path, tmp_path) for path in ("/metrics", "/readyz")]
            process.process.terminate()
            await process.ended()
    said += [*map(str, process.events), *file_names(tmp_path / "data")]
    assert 0 == "\n".join(said).count(CANARY)


def of_resources(cloud: Cloud, careless: str, folder: Path) -> str:
    """Return a configuration with a listener of each mode, with a subscription of its own, for each kind of store."""
    urls = {"good": cloud.sandbox.fhir_url("other"), "refusing": careless, "dead": "http://127.0.0.1:1"}
    urls["unrouted"] = urls["good"]
    source = f'store: "{cloud.sandbox.url}/{DATASET}/fhirStores/f", pubsub_url: "{cloud.sandbox.url}"'
    lines = [f"data_dir: {folder / 'data'}", "admin: {port: 0}", "spool: {min_free_bytes: 0}", "drain_seconds: 2"]
    listeners, destinations, routes = ["listeners:"], ["destinations:"], ["routes:"]
    for kind, url in urls.items():
        destinations.append(f'  {kind}: {{kind: fhir_store, url: "{url}", max_attempts: 2}}')
        for mode in MODES:
            listeners.append(
                f"  {mode}-{kind}: {{kind: pubsub_fhir, subscription: {SUBSCRIPTION}-{mode}-{kind}, {source},"
                f" settle_seconds: 0, acknowledge: {mode}}}"
            )
            when = ", when: {resource_type: Account}" if kind == "unrouted" else ""
            routes.append(f"  - {{from: {mode}-{kind}, to: {kind}, within: 5, attempts: 1{when}}}")
    return "\n".join([*lines, *listeners, *destinations, *routes])


FOREIGN = [
    (f"{CANARY} is no name".encode(), {}),
    (f"projects/p/locations/l/datasets/d/fhirStores/f/fhir/{CANARY}TYPE/{CANARY}-1".encode(), {}),
    (f"projects/{CANARY}/locations/l/datasets/d/fhirStores/f/fhir/Patient/{CANARY}".encode(), {}),
    (canary_json(f"{CANARY}-9"), {"payloadType": "FullResource", "resourceType": f"{CANARY}TYPE", CANARY: CANARY}),
    (canary_json(f"{CANARY}-9"), {"payloadType": CANARY, "storeName": CANARY, "resourceType": "Patient"}),
]
"""Notifications that no store of the sandbox would publish: data and attributes."""


@pytest.mark.slow
@pytest.mark.parametrize("is_full", [False, True], ids=["name", "resource"])
async def test_canaries_of_resources(tmp_path: Path, is_full: bool) -> None:
    """No canary of fetched resources, of their IDs, or of notifications, is in anything that the daemon says."""
    application = web.Application(client_max_size=1 << 28)
    application.router.add_route("*", "/{path:.*}", refuse)
    async with running_cloud(tmp_path / "cloud") as cloud, serve_admin(application, "127.0.0.1", 0) as port:
        fhir = await told_fhir_store(cloud, sendFullResource=is_full)
        names = [f"{SUBSCRIPTION}-{mode}-{kind}" for mode in MODES for kind in KINDS]
        for name in names:
            await cloud.add_subscription(name)
        text = of_resources(cloud, f"http://127.0.0.1:{port}", tmp_path)
        async with serving(tmp_path, text, "--log-level", "debug") as (process, ports):
            gateway = Daemon(process, dict(ports), tmp_path / "hilum.yaml")
            for number in range(COUNT):
                assert (await fhir.put(canary_patient(f"{CANARY}-{number}")))[0] in {200, 201}
            for data, attributes in FOREIGN:
                cloud.sandbox.broker.publish(TOPIC, data, attributes)
            held = [f"{SUBSCRIPTION}-relay-{kind}" for kind in ("refusing", "dead")]
            taken = [cloud.sandbox.broker.subscriptions[name] for name in names if name not in held]
            foreign = {data for data, _ in FOREIGN}
            await until(
                lambda: foreign.issuperset(entry.message.data for each in taken for entry in each.entries.values())
            )
            await process.all_logged("message_not_routed", 2 * COUNT)
            await process.all_logged("source_message_held", 2 * COUNT)
            await process.all_logged("message_parked", COUNT)
            said = await everything_said(gateway)
    said = "\n".join([said, *file_names(tmp_path / "data")])
    assert [] == leaks(said, {BIRTH_DATE})
    assert 0 == said.count(CANARY)
    assert "'source_name': 'Patient'" in said


def file_names(folder: Path) -> list[str]:
    """Return the paths of all files in a folder."""
    return [str(path.relative_to(folder)) for path in folder.rglob("*")]


async def ask(port: int, path: str, folder: Path) -> str:
    """Return what the admin port says."""
    token = folder / "data" / "admin-token"  # there is one if there is a spool
    headers = {"Authorization": f"Bearer {token.read_text().strip()}"} if token.exists() else {}
    async with ClientSession(f"http://127.0.0.1:{port}", headers=headers) as client, client.get(path) as reply:
        return await reply.text()
