"""Gateway and receiver are killed with -9 under load: nothing is lost, order holds, and duplicates have a cause.

The cause is an attempt whose answer did not come: the gateway logs that it sends such a message again.
"""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.spool import Selection, SpoolSettings, State, open_for_operator
from tests.faults.peers import Sender
from tests.ports import free_port
from tests.processes import HilumProcess, serving
from tests.seeds import SEED

KILLS = int(os.environ.get("HILUM_KILLS", "5"))
SENDERS = CONNECTIONS = 4
MANY = 20
RECEIVER = Path(__file__).parent / "journaling_receiver.py"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300 + 10 * KILLS)]


@dataclass(slots=True)
class Scene:
    """The senders, the gateway and the receiver."""

    folder: Path
    chance: random.Random
    up: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = field(default_factory=free_port)
    resent: Counter[str] = field(default_factory=Counter)
    """By control ID, how often the gateway said that it sends a message again."""
    kills: int = 0
    receiver: asyncio.subprocess.Process | None = None

    @property
    def journal(self) -> list[str]:
        """The control IDs that the receiver took, in their order."""
        path = self.folder / "journal"
        return path.read_text().split() if path.exists() else []

    def configuration(self, port: int) -> str:
        """Return a gateway whose ports stay the same whenever it starts."""
        return f"""
listeners: {{adt: {{kind: mllp, port: {port}, acknowledge: commit}}}}
destinations: {{lab: {{kind: mllp, host: 127.0.0.1, port: {self.port}, connections: {CONNECTIONS}}}}}
routes: [{{from: adt, to: lab}}]
admin: {{port: 0}}
data_dir: {self.folder / "data"}
spool: {{min_free_bytes: 0}}
"""

    async def start_receiver(self) -> None:
        """Start the receiver; it goes on with its journal."""
        self.receiver = await asyncio.create_subprocess_exec(
            sys.executable, RECEIVER, str(self.port), self.folder / "journal", stderr=asyncio.subprocess.DEVNULL
        )

    async def kill_receiver(self) -> None:
        """Kill the receiver, and wait for its end."""
        assert self.receiver is not None
        with suppress(ProcessLookupError):
            self.receiver.send_signal(signal.SIGKILL)
        await self.receiver.wait()

    def note(self, process: HilumProcess) -> None:
        """Keep what a run of the gateway said of the messages that it sent again."""
        self.resent.update(str(each["control_id"]) for each in process.events if each["event"] == "message_sent_again")


@asynccontextmanager
async def gateway(scene: Scene, text: str) -> AsyncIterator[HilumProcess]:
    """Run the gateway; it is killed at the end."""
    async with serving(scene.folder, text) as (process, _):
        scene.up.set()
        try:
            yield process
        finally:
            scene.up.clear()
            with suppress(ProcessLookupError):
                process.process.kill()
            await process.ended()
            scene.note(process)


async def run_and_kill(scene: Scene, text: str) -> None:
    """Run the gateway, kill the receiver a few times meanwhile, then the gateway."""
    async with gateway(scene, text):
        for _ in range(scene.chance.randrange(3)):
            await asyncio.sleep(scene.chance.uniform(0.1, 0.5))
            await scene.kill_receiver()
            scene.kills += 1
            await scene.start_receiver()
        await asyncio.sleep(scene.chance.uniform(0, 0.5))
    scene.kills += 1


async def run_to_the_end(scene: Scene, text: str, peers: list[asyncio.Task[None]]) -> None:
    """Let the senders finish, and wait until all is delivered."""
    async with gateway(scene, text):
        await asyncio.gather(*peers)
        async with open_for_operator(scene.folder / "data", SpoolSettings()) as operations, asyncio.timeout(200):
            while (await operations.find(Selection(state=State.WAITING))).records:
                await asyncio.sleep(0.1)
            assert {State.DELIVERED} == {each.state for each in await operations.totals() if each.count}


@pytest.mark.parametrize("seed", [SEED])
async def test_nothing_is_lost(tmp_path: Path, seed: int) -> None:
    """However often both are killed, each message arrives, in order, and again only where its answer did not come."""
    scene = Scene(tmp_path, random.Random(seed))
    listener, killed = free_port(), asyncio.Event()
    text = scene.configuration(listener)
    senders = [Sender(number, listener, scene.up) for number in range(SENDERS)]
    peers = [asyncio.create_task(each.send_until(lambda _: killed.is_set())) for each in senders]
    await scene.start_receiver()
    try:
        while scene.kills < KILLS:
            await run_and_kill(scene, text)
        killed.set()
        await run_to_the_end(scene, text, peers)
    finally:
        await scene.kill_receiver()
        for each in senders:
            each.close()
        for task in peers:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    check(scene, senders)


def check(scene: Scene, senders: list[Sender]) -> None:
    """Compare the receiver's journal with what was sent."""
    journal = scene.journal
    for sender in senders:
        own = [body.split(b"|", 10)[9].decode() for body in sender.sent]
        assert own == list(dict.fromkeys(each for each in journal if each in set(own)))
    twice = {each: count - 1 for each, count in Counter(journal).items() if count > 1}
    assert {} == {each: more for each, more in twice.items() if more > scene.resent[each]}
    assert sum(twice.values()) <= scene.kills * CONNECTIONS
    assert KILLS < MANY or (len(scene.resent) > 0 and len(journal) > MANY * KILLS), "hardly anything was under way"
