"""The messages of a patient leave the same resources in whatever order they come: by ``hilum serve``, over MLLP."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox
from tests.adapters.rest.fhir.stories import STORIES, contents
from tests.mllp_client import code_of, mllp_client
from tests.processes import serving
from tests.seeds import SEED

pytestmark = pytest.mark.slow
ORDERS = ("in order", "twice", "reversed", "shuffled")


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


def configuration(sandbox: Sandbox, folder: Path, acknowledge: str) -> str:
    """Return a gateway with a listener and a store for each order."""
    names = [each.replace(" ", "-") for each in ORDERS]
    listeners = "".join(f"  {name}: {{kind: mllp, port: 0, acknowledge: {acknowledge}}}\n" for name in names)
    stores = "".join(f"  to-{name}: {{kind: fhir_store, url: '{sandbox.fhir_url(name)}'}}\n" for name in names)
    routes = "".join(f"  - {{from: {name}, via: [fhir], to: to-{name}}}\n" for name in names)
    return (
        f"listeners:\n{listeners}steps:\n  fhir: {{kind: hl7v2_to_fhir, timezone: Europe/Berlin}}\n"
        f"destinations:\n{stores}routes:\n{routes}admin: {{port: 0}}\ndata_dir: {folder / 'data'}\n"
    )


@pytest.mark.parametrize("story", STORIES)
async def test_any_order(story: str, tmp_path: Path) -> None:
    """Sent twice, reversed or shuffled, the messages leave what they leave in order."""
    async with Sandbox(tmp_path / "sandbox") as sandbox, ClientSession() as client:
        async with serving(tmp_path, configuration(sandbox, tmp_path, "relay")) as (_, ports):
            for order in ORDERS:
                async with mllp_client(ports[order.replace(" ", "-")]) as peer:
                    for each in ordered(STORIES[story], order):
                        assert "AA" == code_of(await peer.ask(each))
        found = {order: await contents(sandbox.fhir_url(order.replace(" ", "-")), client) for order in ORDERS}
    expected = found.pop("in order")
    assert expected
    assert {"twice": expected, "reversed": expected, "shuffled": expected} == found
