"""Runs a campaign: a storm, then calm in which everything has to arrive, then the end."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.spool import Selection, SpoolSettings, State, open_for_operator
from tests.campaign.history import History, Leftover
from tests.campaign.plan import Plan
from tests.campaign.scene import Scene, set_up

LOOK_SECONDS = 0.2
LEFT_MOST = 200
"""Entries of the spool that are named at the end."""
Say = Callable[[str], None]


@dataclass(slots=True)
class Lag:
    """How long the campaign's own loop was busy at most: what its times are worth."""

    worst: float = 0.0

    async def watch(self) -> None:
        """Measure until cancelled."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.1)
            self.worst = max(self.worst, time.monotonic() - before - 0.1)


async def run_campaign(plan: Plan, folder: Path, history: History, say: Say) -> tuple[Scene, Lag]:
    """Return the scene after everything has come to its end."""
    scene, lag = set_up(plan, folder, history), Lag()
    for store in scene.stores:
        await store.up()
    try:
        async with _beside(lag.watch(), _tell(scene, say)):
            if await scene.gateway.start():
                await _play(scene, say)
            else:
                history.trouble("could not start", "see gateway.log")
    finally:
        await scene.gateway.end()
        for store in scene.stores:
            await store.down()
    await _look_into_spools(scene)
    return scene, lag


async def _play(scene: Scene, say: Say) -> None:
    senders = [asyncio.create_task(sender.run()) for sender in scene.senders]
    try:
        async with _beside(scene.gateway.watch()):
            await _storm(scene)
            say("calm: the stores are well again")
            await _calm(scene, senders)
        await _stop_gateway(scene)
    finally:
        scene.stop.set()
        for task in senders:
            task.cancel()
        for result in await asyncio.gather(*senders, return_exceptions=True):
            if isinstance(result, Exception):
                raise result


async def _storm(scene: Scene) -> None:
    async with _beside(*(store.flap() for store in scene.stores)):
        killing = asyncio.create_task(scene.killer.run(scene.stop))
        await asyncio.wait([killing], timeout=scene.plan.seconds)
        scene.stop.set()
        await killing


async def _calm(scene: Scene, senders: list[asyncio.Task[None]]) -> None:
    """Let everything arrive: first beside the poison, which the stores still refuse, then the poison too."""
    pending = scene.pending
    await _until(scene, "senders that are not answered", lambda: [task for task in senders if not task.done()])
    await _until(scene, "not delivered while other messages fail", lambda: list(pending.waiting))
    for store in scene.stores:
        store.poisoned = False
    await _until(scene, "not delivered at the end", lambda: [*pending.waiting, *pending.poisoned])
    async with open_for_operator(scene.data_dir, SpoolSettings()) as operations:
        for _ in range(int(scene.plan.standstill_seconds)):
            totals = await operations.totals()
            if not any(total.count for total in totals if total.state is State.WAITING):
                break
            await asyncio.sleep(1)


async def _until(scene: Scene, what: str, left: Callable[[], Sequence[object]]) -> None:
    """Wait until nothing is *left*, however long it takes, as long as something moves."""
    before, since = (-1, -1), time.monotonic()
    while remaining := left():
        if (now := (len(remaining), scene.pending.progress)) != before:
            before, since = now, time.monotonic()
        if time.monotonic() - since > scene.plan.standstill_seconds:
            scene.history.trouble(f"standstill: {what}", f"{len(remaining)}, among them {remaining[:3]}")
            return
        await asyncio.sleep(LOOK_SECONDS)


async def _stop_gateway(scene: Scene) -> None:
    process = scene.gateway.terminate("SIGTERM at the end")
    status = await scene.gateway.ended(process, "SIGTERM at the end")
    if status != 0:
        scene.history.trouble("exit status", f"{status} at the end, with nothing to do any more")


async def _look_into_spools(scene: Scene) -> None:
    """Record what the spools still hold, owned or not."""
    if not scene.data_dir.exists():
        return
    async with open_for_operator(scene.data_dir, SpoolSettings()) as operations:
        for state in (State.WAITING, State.PARKED, State.DISCARDED):
            for record in (await operations.find(Selection(state=state), limit=LEFT_MOST)).records:
                name = record.identifiers.get("control_id") or record.identifiers.get("sop_instance_uid", "")
                scene.history.left(Leftover(record.state.value, name, record.destination, record.reason or ""))


async def _tell(scene: Scene, say: Say) -> None:
    begin = time.monotonic()
    while True:
        await asyncio.sleep(30)
        history, pending = scene.history, scene.pending
        say(
            f"{time.monotonic() - begin:.0f} s: {len(history.sends)} tries, {len(history.arrivals)} kept, "
            f"{len(pending.waiting)}+{len(pending.poisoned)} waiting, {len(history.deaths)} deaths"
        )


@asynccontextmanager
async def _beside(*coroutines: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Run *coroutines* beside a block; end them with it. One that fails ends the campaign."""
    tasks = [asyncio.create_task(each) for each in coroutines]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result
