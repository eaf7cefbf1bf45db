"""Runs a campaign: a storm, then calm in which everything has to arrive, then the end."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.spool import Operations, Record, Selection, SpoolSettings, State, open_for_operator
from tests.campaign.admin import complaints
from tests.campaign.history import History, Leftover
from tests.campaign.plan import Plan
from tests.campaign.scene import Scene, set_up

LOOK_SECONDS, LOST_SECONDS = 0.2, 10.0
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
    senders = [asyncio.create_task(sender.run(), name=sender.name) for sender in scene.senders]
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
    await _until(scene, "not answered", lambda: {task.get_name() for task in senders if not task.done()})
    async with open_for_operator(scene.data_dir, SpoolSettings()) as operations:
        held = _Held(operations)
        pending = scene.pending
        await _until(scene, "not delivered while others fail", lambda: set(pending.waiting), held)
        for store in scene.stores:
            store.poisoned = False
        await _until(scene, "not delivered", lambda: {*pending.waiting, *pending.poisoned}, held)
        await held.look()
        await _until(scene, "not settled", lambda: held.names, held)
    for complaint in await complaints(scene.gateway.admin_port):
        scene.history.trouble("with nothing to do", complaint)


@dataclass(slots=True)
class _Held:
    """What waits in the spools, as of the last look."""

    operations: Operations
    names: set[str] = field(default_factory=lambda: {"not looked yet"})

    async def look(self) -> None:
        """Read the names of everything that waits."""
        found, after = set(), None
        while True:
            page = await self.operations.find(Selection(state=State.WAITING), after, 1000)
            found |= {name_of(record) for record in page.records}
            if (after := page.next) is None:
                self.names = found
                return


async def _until(scene: Scene, what: str, left: Callable[[], set[Any]], held: _Held | None = None) -> None:
    """Wait until nothing is *left*, however long it takes, as long as something moves.

    What the spools do not hold will not come any more: nobody waits for it, and the judge will miss it.
    """
    before, since = (-1, -1), time.monotonic()
    while remaining := left():
        if (now := (len(remaining), scene.pending.progress)) != before:
            before, since = now, time.monotonic()
        still = time.monotonic() - since
        if held is not None and still > LOST_SECONDS:
            await held.look()
            if held.names.isdisjoint({each[1] if isinstance(each, tuple) else each for each in remaining}):
                return
        if still > scene.plan.standstill_seconds:
            scene.history.trouble(f"standstill: {what}", f"{len(remaining)}, among them {sorted(remaining)[:5]}")
            return
        await asyncio.sleep(LOOK_SECONDS if still < LOST_SECONDS else 2.0)


async def _stop_gateway(scene: Scene) -> None:
    async with scene.gateway.changing:
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
                left = Leftover(record.state.value, name_of(record), record.destination, record.reason or "")
                scene.history.left(left)


def name_of(record: Record) -> str:
    """Return the control ID or SOP Instance UID of an entry."""
    return record.identifiers.get("control_id") or record.identifiers.get("sop_instance_uid", "")


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
