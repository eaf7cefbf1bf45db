"""Buckets with objects by which the process that reads them dies, or never comes back."""

import os
import signal
import threading
from pathlib import Path

from adapters.objects.folder import Folder
from adapters.pipeline.work import Work
from adapters.tables.contract import Tables
from adapters.tables.engine import Engine
from gateway.contract.objects import Bucket
from tests.adapters.pipeline import small


class Hostile(Folder):
    """A bucket whose objects do that by their names."""

    async def read(self, key: str, first: int = 0, count: int | None = None) -> bytes:
        """Return the octets, or nothing any more."""
        if "crash" in key:
            os.kill(os.getpid(), signal.SIGKILL)
        if "hang" in key:
            threading.Event().wait()
        return await super().read(key, first, count)


class HostileOpener(small.Opener):
    """Opens such buckets."""

    def __call__(self, name: str) -> Bucket:
        """Return a bucket."""
        return Hostile(self.root / name)


def hostile(root: Path, **changes: object) -> Work:
    """Return the work over two hospitals, each of which has one image and one such object."""
    small.hospitals(root, images=1)
    small.put(root, "north/dicom/crash.dcm", small.instance(1, 7))
    small.put(root, "south/hang.dcm", small.instance(3, 7))
    found = small.work(root, **changes)
    return Work(found.settings, found.step, found.domains, found.folder, HostileOpener(root))


def dead_letters(work: Work) -> list[tuple[str, ...]]:
    """Return the dead letters of a run, each with its object, stage and reason, and check that the rest has rows."""
    engine = Engine({"main": Tables(work.settings.tables)})
    try:
        assert engine.query("SELECT count(*) FROM prod").rows == [(4,)]
        return list(engine.query("SELECT object, stage, reason FROM dead_letters ORDER BY ALL").rows)
    finally:
        engine.close()
