"""The messages of a patient leave the same resources in whatever order they come: by ``hilum serve``, over MLLP."""

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox
from tests.adapters.rest.fhir.delivering import converted, deliver
from tests.adapters.rest.fhir.stories import STORIES, TOGETHER, contents
from tests.mllp_client import code_of, mllp_client
from tests.processes import serving
from tests.seeds import SEED

pytestmark = pytest.mark.slow
ORDERS = ("in-order", "twice", "reversed", "shuffled")

BEFORE_A_MERGE = {("merge", "reversed"), ("merge", "shuffled"), ("merge", "twice")}
"""Where a message about a visit comes before the merge that makes its two patients one: it is refused, and retried."""


def ordered(messages: Sequence[bytes], order: str) -> list[bytes]:
    """Return the messages in an order; each is sent again where they are shuffled."""
    found = list(messages)
    if order == "twice":
        found = [each for each in messages for _ in range(2)] + found
    if order == "reversed":
        found.reverse()
    if order == "shuffled":
        found += found
        random.Random(SEED).shuffle(found)
    return found


def configuration(urls: Mapping[str, str], folder: Path, acknowledge: str) -> str:
    """Return a gateway with a listener for each store."""
    listeners = "".join(f"  {name}: {{kind: mllp, port: 0, acknowledge: {acknowledge}}}\n" for name in urls)
    stores = "".join(f"  to-{name}: {{kind: fhir_store, url: '{url}'}}\n" for name, url in urls.items())
    routes = "".join(f"  - {{from: {name}, via: [fhir], to: to-{name}}}\n" for name in urls)
    return (
        f"listeners:\n{listeners}steps:\n  fhir: {{kind: hl7v2_to_fhir, timezone: Europe/Berlin}}\n"
        f"destinations:\n{stores}routes:\n{routes}admin: {{port: 0}}\ndata_dir: {folder / 'data'}\n"
    )


@pytest.mark.parametrize("story", STORIES)
async def test_any_order(story: str, tmp_path: Path) -> None:
    """Sent twice, reversed or shuffled, the messages leave what they leave in order."""
    async with Sandbox(tmp_path / "sandbox") as sandbox, ClientSession() as client:
        urls = {order: sandbox.fhir_url(order) for order in ORDERS}
        async with serving(tmp_path, configuration(urls, tmp_path, "relay")) as (_, ports):
            for order in ORDERS:
                async with mllp_client(ports[order]) as peer:
                    sent = ordered(STORIES[story], order)
                    codes = [code_of(await peer.ask(each)) for each in sent]
                    early = [each for each, code in zip(sent, codes, strict=True) if code != "AA"]
                    assert not early or (story, order) in BEFORE_A_MERGE
                    assert {"AA"} >= {code_of(await peer.ask(each)) for each in early}
        found = {order: await contents(url, client) for order, url in urls.items()}
    expected = found.pop("in-order")
    assert expected
    assert {"twice": expected, "reversed": expected, "shuffled": expected} == found


KILLED_AT = (1, 9, 25)
"""How many messages the store has when the gateway is killed."""


async def test_killed(tmp_path: Path) -> None:
    """Killed in commit mode and started again, the gateway leaves exactly the resources of the messages it took."""
    async with Sandbox(tmp_path / "sandbox") as sandbox, ClientSession() as client:
        await deliver_with_kills(sandbox.fhir_url("killed"), tmp_path, client)
        expected_url = sandbox.fhir_url("expected")
        await deliver(expected_url, map(converted, TOGETHER))
        assert await contents(expected_url, client) == await contents(sandbox.fhir_url("killed"), client)


async def deliver_with_kills(url: str, folder: Path, client: ClientSession) -> None:
    """Deliver the messages of the stories to a store by a gateway in commit mode that is killed three times."""
    text = configuration({"killed": url}, folder, "commit")
    for count in KILLED_AT:
        async with serving(folder, text) as (process, ports):
            async with mllp_client(ports["killed"]) as peer:
                for each in TOGETHER:  # those that it has already are duplicates
                    assert "AA" == code_of(await peer.ask(each))
            await until(partial(_taken, url, client, count))
            process.process.kill()
    async with serving(folder, text):
        await until(partial(_is_empty, folder))


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(120):
        while not await holds():
            await asyncio.sleep(0.02)


async def _taken(url: str, client: ClientSession, count: int) -> bool:
    """Whether the store has so many messages: each leaves its Provenance."""
    async with client.get(f"{url}/Provenance?_count=1000") as response:
        return len((await response.json(content_type=None)).get("entry", [])) >= count


async def _is_empty(folder: Path) -> bool:
    """Whether nothing waits in the spool, nor is parked."""
    command = (sys.executable, "-m", "gateway", "spool", "list", "--json", str(folder / "hilum.yaml"))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    listed = (await process.communicate())[0].decode()
    assert process.returncode == 0
    assert "parked" not in listed
    return "waiting" not in listed
