"""Cloud Storage as a whole."""

import os
from pathlib import Path

from gateway.sandbox.database import Database
from gateway.sandbox.storage.routes import LEFTOVERS_SECONDS, opened_storage, storage_routes


async def test_leftovers_are_removed_at_the_start(tmp_path: Path) -> None:
    """Unfinished files of a process that was killed are removed when they are old."""
    own = tmp_path / "own"
    own.mkdir()
    part = tmp_path / f".{'0' * 32}.part"
    part.write_bytes(b"")
    old = part.stat().st_mtime - LEFTOVERS_SECONDS - 60
    os.utime(part, (old, old))
    async with Database(tmp_path / "db") as database, opened_storage(database, own, {"north": tmp_path}) as store:
        assert not part.exists()
        paths = [each.path for each in storage_routes(store)]
    assert paths.index("/storage/v1/b") < paths.index(next(each for each in paths if each.startswith("/{bucket")))
