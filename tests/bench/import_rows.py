"""Row 18: instances from an S3 server into the sandbox's DICOM store, against STOW-RS from eight connections.

The rate of an import is that from its first listing to its last answer; how long the whole command takes, with the
start of its process, is beside it. All send the same instances to empty stores of one sandbox; STOW-RS sends one
instance a request, from memory.
"""

import asyncio
import json
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any

from gateway.config.buckets import opener_of
from gateway.kinds import KINDS
from tests.bench.http_upload import AFTER, BEFORE, BOUNDARY
from tests.bench.measure import HILUM, BenchError, Case, Goal, Sample
from tests.bench.processes import BUILD, ROOT, Usage, listening, script, started
from tests.bench.setup import Setup
from tests.dicom_files import make_instance
from tests.ports import free_port
from tests.s3_server import WEED, S3Server, s3_server

ROW = 18
STOW = "STOW-RS, 8 connections"
OPERATION = "dicomStores.import of a folder"
NAME = "instances of 0.5 MB into the sandbox"
COUNT, CONNECTIONS = 400, 8
DATASET = "v1/projects/p/locations/l/datasets/d"
JSON = {"Content-Type": "application/json"}
MULTIPART = {
    "Content-Type": f'multipart/related; type="application/dicom"; boundary={BOUNDARY}',
    "Accept": "application/dicom+json",
}


@dataclass(slots=True)
class Scene:
    """The bucket, the sandbox and the instances."""

    folder: Path
    bucket: Mapping[str, Any]
    files: Sequence[Path]
    port: int
    sandbox: Usage
    numbers: Iterator[int] = field(default_factory=count)

    def store(self) -> str:
        """Return the path of a store that is empty."""
        return f"/{DATASET}/dicomStores/s{next(self.numbers)}"

    def sample(self, seconds: float, store_cpu: float, cpu: float, requests: float) -> Sample:
        """Return instances a second, and what 1,000 of them cost."""
        thousands = len(self.files) / 1000
        cost = {
            "CPU s of the sender": cpu / thousands,
            "CPU s of the store": store_cpu / thousands,
            "MB": sum(each.stat().st_size for each in self.files) / 1e6 / thousands,
            "requests": requests / thousands,
        }
        return Sample(len(self.files) / seconds, {f"{key} per 1,000": value for key, value in cost.items()})


def imported(scene: Scene) -> Sample:
    """Import from S3 with the command."""
    path, data = scene.folder / "hilum.yaml", scene.folder / f"data{next(scene.numbers)}"
    store = {"kind": "dicomweb", "url": f"http://127.0.0.1:{scene.port}{scene.store()}/dicomWeb"}
    path.write_text(
        json.dumps({"data_dir": str(data), "destinations": {"s": store}, "buckets": {"north": scene.bucket}})
    )
    before, begin = scene.sandbox.cpu_seconds(), time.perf_counter()
    command = script("counted_import", path, "north/in/", "s")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    seconds = time.perf_counter() - begin
    if done.returncode:
        raise BenchError(f"the import failed: {done.stdout.decode()[-200:]}")
    told = json.loads(done.stderr.splitlines()[-1])
    store_cpu = scene.sandbox.cpu_seconds() - before
    sample = scene.sample(told["seconds"], store_cpu, told["cpu"], told["store"] + told["bucket"])
    return Sample(sample.value, {**sample.more, "with the start of the command": len(scene.files) / seconds})


def stowed(scene: Scene) -> Sample:
    """Store over several connections, one instance a request."""
    bodies, path = [each.read_bytes() for each in scene.files], f"{scene.store()}/dicomWeb/studies"

    def send(share: Sequence[bytes]) -> None:
        connection = HTTPConnection("127.0.0.1", scene.port)
        for body in share:
            connection.request("POST", path, b"".join((BEFORE, body, AFTER)), MULTIPART)
            reply = connection.getresponse()
            reply.read()
            if reply.status != 200:
                raise BenchError(f"the store answers {reply.status}")
        connection.close()

    before, cpu, begin = scene.sandbox.cpu_seconds(), time.process_time(), time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        list(threads.map(send, [bodies[first::CONNECTIONS] for first in range(CONNECTIONS)]))
    seconds = time.perf_counter() - begin
    return scene.sample(seconds, scene.sandbox.cpu_seconds() - before, time.process_time() - cpu, float(len(bodies)))


def operated(scene: Scene) -> Sample:
    """Let the sandbox import the same files itself, from a folder that is a bucket."""
    before, begin = scene.sandbox.cpu_seconds(), time.perf_counter()
    source = {"gcsSource": {"uri": "gs://made/**.dcm"}}
    name = _asked(scene.port, "POST", f"{scene.store()}:import", source)["name"]
    asked = 1
    while not (found := _asked(scene.port, "GET", f"/v1/{name}")).get("done"):
        time.sleep(0.05)
        asked += 1
    seconds = time.perf_counter() - begin
    if found["metadata"]["counter"] != {"success": str(len(scene.files))}:
        raise BenchError("the operation has not imported everything")
    return scene.sample(seconds, scene.sandbox.cpu_seconds() - before, 0.0, asked + 1.0)


def _asked(port: int, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    connection = HTTPConnection("127.0.0.1", port)
    connection.request(method, path, None if body is None else json.dumps(body), JSON)
    found = json.loads(connection.getresponse().read())
    connection.close()
    return found


async def _filled(server: S3Server, files: Sequence[Path]) -> None:
    settings = KINDS.buckets["s3"].settings.model_validate(server.settings())
    bucket = opener_of({"north": settings})("north")  # type: ignore[dict-item]

    async def octets(path: Path) -> AsyncIterator[bytes]:
        yield path.read_bytes()

    for each in files:
        await bucket.create(f"in/{each.name}", octets(each))


@contextmanager
def imports(setup: Setup) -> Iterator[Sequence[Case]]:
    """Yield the case of this row; without the S3 server from PyPI there is none."""
    if WEED is None:
        yield []
        return
    folder = BUILD / "import"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "made").mkdir(parents=True)
    number = setup.count(COUNT, least=CONNECTIONS)
    files = [make_instance(folder / "made", each, "1.2.3", "1.2.4", rows=512, columns=512) for each in range(number)]
    server, port = s3_server(folder / "s3"), free_port()
    command = [sys.executable, "-m", "gateway", "sandbox", "--port", str(port), "--data", str(folder / "stores")]
    with asyncio.Runner() as runner:
        s3 = runner.run(server.__aenter__())
        try:
            runner.run(_filled(s3, files))
            bucket = [*command, "--bucket", f"made={folder / 'made'}"]
            with started(bucket, listening(port), log="import-sandbox") as sandbox:
                scene = Scene(folder, s3.settings(), files, port, sandbox)
                measured = {HILUM: imported, STOW: stowed, OPERATION: operated}
                cases = {name: partial(measure, scene) for name, measure in measured.items()}
                yield [Case(ROW, f"{number} {NAME}", "instances/s", cases, [Goal(STOW, at_least=3)])]
        finally:
            runner.run(server.__aexit__(None, None, None))
    shutil.rmtree(folder, ignore_errors=True)
