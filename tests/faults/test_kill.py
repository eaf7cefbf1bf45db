"""Killed with -9 at any moment, under load, with stores that come and go: what was acknowledged is in the store."""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.sandbox.faults import Faults
from gateway.sandbox.server import Sandbox
from gateway.spool import Operations, Selection, SpoolSettings, State, open_for_operator
from tests.dicom_files import data_set
from tests.faults.peers import Modality, Sender
from tests.faults.sink import Sink, duplicates, first_of_each, unexplained
from tests.ports import free_port
from tests.processes import hilum, serving
from tests.seeds import SEED

KILLS = int(os.environ.get("HILUM_KILLS", "5"))
SENDERS, MODALITIES, CONCURRENCY = 4, 2, 8

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300 + 5 * KILLS)]


@dataclass(slots=True)
class CountingFaults(Faults):
    """Counts the STOW-RS requests that a sandbox has stored, by what their senders learned of it."""

    stored: int = 0
    untold: int = 0
    """Those whose sender was left without an answer."""

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Apply what is planned, and count."""

        async def count(inner: web.Request) -> web.StreamResponse:
            response = await handler(inner)
            self.stored += inner.method == "POST" and response.status == 200
            return response

        before = self.stored
        response = await Faults.middleware(self, request, count)
        self.untold += self.stored > before and response.status != 200
        return response


@dataclass(slots=True)
class Scene:
    """The stores, the peers and the gateway between them."""

    folder: Path
    chance: random.Random
    sink: Sink = field(default_factory=lambda: Sink(free_port()))
    image_faults: CountingFaults = field(default_factory=CountingFaults)
    image_port: int = field(default_factory=free_port)
    up: asyncio.Event = field(default_factory=asyncio.Event)
    senders: list[Sender] = field(default_factory=list)
    modalities: list[Modality] = field(default_factory=list)

    def configuration(self) -> str:
        """Return a gateway whose ports stay the same whenever it starts."""
        hl7_port, dicom_port = free_port(), free_port()
        self.senders = [Sender(number, hl7_port, self.up) for number in range(SENDERS)]
        self.modalities = [Modality(number, dicom_port, self.up) for number in range(MODALITIES)]
        images = self.sandbox().dicom_web_url()
        return f"""
listeners:
  adt: {{kind: mllp, port: {hl7_port}, acknowledge: commit}}
  ct: {{kind: dimse, port: {dicom_port}, acknowledge: commit}}
destinations:
  messages: {{kind: http, url: "{self.sink.url}", accept_empty: true, concurrency: {CONCURRENCY}}}
  images: {{kind: dicomweb, url: "{images}", concurrency: {CONCURRENCY}}}
routes: [{{from: adt, to: messages}}, {{from: ct, to: images}}]
admin: {{port: 0}}
data_dir: {self.folder / "data"}
spool: {{min_free_bytes: 0, inline_bytes: 4096}}
"""

    def sandbox(self) -> Sandbox:
        """Return the image store, not yet started."""
        return Sandbox(self.folder / "store", port=self.image_port, faults=self.image_faults)

    def kept_images(self) -> dict[str, bytes]:
        """Return the data sets in the image store by SOP Instance UID."""
        files = (self.folder / "store").rglob("*.dcm")
        return {path.stem: data_set(path.read_bytes()) for path in files}


async def flap(chance: random.Random, faults: Faults, store: Callable[[], AbstractAsyncContextManager[object]]) -> None:
    """Run *store* with one fault after another, and now and then not at all."""
    while True:
        async with store():
            for _ in range(chance.randrange(1, 5)):
                _plan(chance, faults)
                await asyncio.sleep(chance.uniform(0.05, 0.4))
                faults.clear()
        await asyncio.sleep(chance.uniform(0, 0.2))


def _plan(chance: random.Random, faults: Faults) -> None:
    plans: list[Callable[[], None]] = [
        lambda: faults.fail_next(503, times=chance.randrange(1, 4)),
        lambda: faults.fail_next(429, {"Retry-After": "1"}),
        faults.hang_up_next,
        lambda: faults.hang_up_next(after_handling=True),
        lambda: setattr(faults, "latency", chance.uniform(0, 0.1)),
        lambda: None,
    ]
    chance.choice(plans)()


@asynccontextmanager
async def flapping(scene: Scene) -> AsyncIterator[None]:
    """Let both stores come and go."""
    stores = ((scene.sink.faults, scene.sink.up), (scene.image_faults, scene.sandbox))
    tasks = [asyncio.create_task(flap(scene.chance, *each)) for each in stores]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def run_and_kill(scene: Scene, text: str) -> None:
    """Start the gateway and kill it some time later; now and then before it is up."""
    scene.sink.run += 1
    if scene.chance.random() < 0.1:
        async with hilum("serve", scene.folder / "hilum.yaml"):
            await asyncio.sleep(scene.chance.uniform(0, 0.8))
        return
    async with serving(scene.folder, text):
        scene.up.set()
        await asyncio.sleep(scene.chance.uniform(0, 0.6))
        scene.up.clear()


async def run_to_the_end(scene: Scene, text: str, peers: list[asyncio.Task[None]]) -> None:
    """Start the gateway with stores that work, let the peers finish, and wait until all is delivered."""
    scene.sink.run += 1
    async with scene.sink.up(), scene.sandbox(), serving(scene.folder, text) as (process, _):
        scene.up.set()
        await asyncio.gather(*peers)
        async with open_for_operator(scene.folder / "data", SpoolSettings()) as operations:
            await until_nothing_waits(operations)
            assert {State.DELIVERED} == {each.state for each in await operations.totals() if each.count}
        process.process.terminate()
        assert 0 == await process.ended()


async def until_nothing_waits(operations: Operations) -> None:
    """Wait for the last delivery, however long the backlog is; only a standstill is a failure.

    A message that has failed often pauses up to a minute before its next try, and its ordering key waits behind it.
    """
    loop = asyncio.get_running_loop()
    before, since = -1, loop.time()
    while waiting := sum(each.count for each in await operations.totals() if each.state is State.WAITING):
        if waiting != before:
            before, since = waiting, loop.time()
        stuck = (await operations.find(Selection(state=State.WAITING))).records if loop.time() - since > 75 else ()
        assert () == stuck
        await asyncio.sleep(0.1)


@pytest.mark.parametrize("seed", [SEED])
async def test_crash_loses_nothing_that_was_acknowledged(tmp_path: Path, seed: int) -> None:
    """However often it is killed, every acknowledged message is in the store as sent, in order, and once but for cause.

    The cause is a delivery that was under way at a kill, or whose answer the store did not give.
    """
    scene = Scene(tmp_path, random.Random(seed))
    text = scene.configuration()
    killed = asyncio.Event()
    everyone: list[Sender | Modality] = [*scene.senders, *scene.modalities]
    peers = [asyncio.create_task(each.send_until(lambda _: killed.is_set())) for each in everyone]
    try:
        async with flapping(scene):
            for _ in range(KILLS):
                await run_and_kill(scene, text)
        killed.set()
        await run_to_the_end(scene, text, peers)
    finally:
        for peer in everyone:
            peer.close()
        for task in peers:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    check_messages(scene)
    check_images(scene)


def check_messages(scene: Scene) -> None:
    """Compare what the HL7 store has with what was sent: octets, order, number."""
    kept = scene.sink.bodies
    assert {body for sender in scene.senders for body in sender.sent} == set(kept)
    for sender in scene.senders:
        own = set(sender.sent)
        assert sender.sent == first_of_each([body for body in kept if body in own])
    assert [] == unexplained(scene.sink)
    # One of each sender was under way at a kill; the others are those whose answer the store kept to itself.
    unanswered = len(kept) - len(scene.sink.answered)
    assert duplicates(kept) <= KILLS * SENDERS + unanswered


def check_images(scene: Scene) -> None:
    """Compare what the image store has with what was sent: octets, number."""
    sent = {uid: octets for modality in scene.modalities for uid, octets in modality.sent.items()}
    assert sent == scene.kept_images()
    assert scene.image_faults.stored - len(sent) <= KILLS * CONCURRENCY + scene.image_faults.untold
