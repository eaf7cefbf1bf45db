"""An import from a real S3 server through kill -9 of the importer, the store and the S3 server: all is there, once.

HILUM_KILLS says how many there are of each destination; `make import-kills` does 100.
"""

import asyncio
import json
import os
import random
import socket
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("obstore", reason="the extra objects is not installed")

from gateway.config.buckets import opener_of
from gateway.kinds import KINDS
from tests.dicom_files import sop_instance_uid
from tests.gateway.cli.importing.support import dicom, exported, get, hl7, instances, run
from tests.ports import free_port
from tests.s3_server import S3Server, needs_s3, s3_server
from tests.seeds import SEED

ROUNDS = int(os.environ.get("HILUM_KILLS", "6"))
COUNT, MESSAGES = min(1000, 10 * ROUNDS), 1000
CONFIGURATION = """
data_dir: {folder}/data
destinations:
  images: {{kind: dicomweb, url: "{url}/dicomStores/images/dicomWeb"}}
  messages: {{kind: hl7v2_store, url: "{url}/hl7V2Stores/messages"}}
buckets: {{north: {bucket}}}
"""


class Program:
    """A command of Hilum as a process that is killed and started again."""

    def __init__(self, *words: object) -> None:
        self._words = [str(each) for each in words]
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it."""
        nowhere = asyncio.subprocess.DEVNULL
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", *self._words, stdout=nowhere, stderr=nowhere
        )

    async def kill(self) -> None:
        """End it at once."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


def settled(folder: Path) -> int:
    """Return how many objects and parts the ledgers know of."""
    found = 0
    for path in (folder / "data" / "import").glob("*.ledger"):
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            for table in ("objects", "parts"):
                (number,) = connection.execute(f"SELECT count(*) FROM {table} WHERE state <> 'sending'").fetchone()
                found += number
        except sqlite3.Error:
            pass  # it is being made
        finally:
            connection.close()
    return found


async def fill(server: S3Server, files: dict[str, bytes]) -> None:
    """Write objects."""
    settings = KINDS.buckets["s3"].settings.model_validate(server.settings())
    bucket = opener_of({"north": settings})("north")  # type: ignore[dict-item]
    for key, data in files.items():

        async def chunks(octets: bytes = data):  # type: ignore[no-untyped-def]  # noqa: ANN202
            yield octets

        await bucket.create(key, chunks())


async def until(condition: Callable[[], object]) -> None:
    """Wait until *condition* holds; an importer may pause for half a minute."""
    async with asyncio.timeout(240):
        while not condition():
            await asyncio.sleep(0.01)


def answers(port: int) -> bool:
    """Whether somebody listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def check_store(url: str, folder: Path, made: list[bytes]) -> None:
    """Check that the store has each instance once, also on the disk; without any, each message once."""
    if made:
        assert await instances(url) == sorted(map(sop_instance_uid, made))
        assert len([*(folder / "dicom").rglob("*.dcm")]) == COUNT
        assert [*(folder / "incoming").iterdir()] == []
        return
    stored = await get(f"{url}/hl7V2Stores/messages/messages?pageSize=1000&view=BASIC")
    assert len(stored["hl7V2Messages"]) == MESSAGES
    assert "nextPageToken" not in stored


@needs_s3
@pytest.mark.slow
@pytest.mark.timeout(300 + 60 * ROUNDS)
@pytest.mark.parametrize("seed", [SEED])
@pytest.mark.parametrize("destination", ["images", "messages"])
async def test_nothing_is_lost_or_doubled(
    tmp_path: Path, destination: str, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever is killed, and whenever: in the end the store has everything once, and the ledger says so."""
    choices = random.Random(seed)
    url = f"http://127.0.0.1:{(port := free_port())}/v1/projects/p/locations/l/datasets/d"
    async with s3_server(tmp_path / "s3") as server:
        lines = b"\n".join(exported(hl7(f"N{number}")) for number in range(MESSAGES))
        made = dicom(tmp_path / "made", COUNT) if destination == "images" else []
        images = {f"in/{number:03}.dcm": data for number, data in enumerate(made)}
        await fill(server, images if destination == "images" else {"in/all.ndjson": lines})
        config = tmp_path / "hilum.yaml"
        config.write_text(CONFIGURATION.format(folder=tmp_path, url=url, bucket=json.dumps(server.settings())))
        sandbox = Program("sandbox", "--data", tmp_path / "stores", "--port", port)
        words = ("import", config, "north/in/", destination, "--json", "--concurrency", 4)
        importer = Program(*words)
        step = (COUNT if destination == "images" else MESSAGES) // (ROUNDS + 2)
        try:
            for number in range(ROUNDS):
                wanted = settled(tmp_path) + choices.randrange(2 * step + 1)
                if sandbox.process is None or sandbox.process.returncode is not None:
                    await sandbox.start()
                if importer.process is None or importer.process.returncode is not None:
                    await importer.start()
                done = lambda: settled(tmp_path) > wanted or importer.process.returncode is not None  # type: ignore[union-attr]  # noqa: B023,E731
                await until(done)
                match number % 3:
                    case 0:
                        await importer.kill()
                    case 1:
                        await sandbox.kill()
                        await asyncio.sleep(choices.random())
                    case 2:
                        server.kill()
                        await asyncio.sleep(choices.random())
                        server.start()
                        await server.ready()
            await sandbox.kill()
            await importer.kill()
            await sandbox.start()
            await until(lambda: answers(port))
            assert await run(*words) == 0
            await check_store(url, tmp_path / "stores", made)
            capsys.readouterr()
            assert await run(*words) == 0
            assert json.loads(capsys.readouterr().out)["messages_stored"] == 0
        finally:
            await sandbox.kill()
            await importer.kill()
