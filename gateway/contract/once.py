"""What only one process of a gateway may do at a time: a lock on a file of the data directory says which one.

Connection pools with a limit, loops that pull from a source and scans of a folder must not run in two processes. The
kernel releases the lock when its process ends, however it ends, so the next process can take it at once.
"""

import asyncio
import fcntl
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

from gateway.contract.errors import ConfigError

FOLDER = "once"
"""The folder below the data directory that holds the lock files."""
AGAIN_SECONDS = 0.5
"""How often a process that waits for the lock tries to take it."""


class OnePerGateway:
    """The lock of one *thing*, such as ``destination lab``. Entered and left by the process that wants it.

    A process that enters while another one has the lock goes on without it, and takes it later: by :meth:`take`, or
    by :meth:`taken`, which waits.
    """

    def __init__(self, data_dir: Path, thing: str) -> None:
        # A digest, because two names may differ only in upper and lower case, or be too long for a file.
        self._path = data_dir / FOLDER / f"{sha256(thing.encode()).hexdigest()[:32]}.lock"
        self._thing = thing
        self._descriptor: int | None = None
        self._is_held = False

    async def __aenter__(self) -> Self:
        """Take the lock if it is free; raises ConfigError if the data directory cannot be used."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ConfigError(
                f"data_dir: {self._path.parent}: cannot be used: {error.strerror};"
                f" {self._thing} needs it for a lock; name a folder that Hilum may write to"
            ) from None
        self.take()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let another process have the lock. The file stays: removing it could give the lock to two processes."""
        self._is_held = False
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    @property
    def is_held(self) -> bool:
        """Whether this process has the lock."""
        return self._is_held

    def take(self) -> bool:
        """Take the lock if it is free; return whether this process has it. Costs nothing while it has it."""
        if not self._is_held and self._descriptor is not None:
            with suppress(BlockingIOError):
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._is_held = True
        return self._is_held

    async def taken(self) -> None:
        """Return when this process has the lock."""
        while not self.take():  # noqa: ASYNC110  another process gives it up, which no event of this one tells
            await asyncio.sleep(AGAIN_SECONDS)
