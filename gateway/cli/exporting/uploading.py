"""Writes objects into the bucket of an export, and knows which of them this export has written before.

What an export that did not come to its end has written may be replaced when it is run again; everything else that has
the key of an object stays as it is, unless the operator wants it replaced.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import IO, Literal

from gateway.cli.importing.ledger import Entry, Ledger
from gateway.cli.importing.patience import Patience
from gateway.cli.importing.places import Place
from gateway.cli.importing.verdicts import Verdict
from gateway.contract.objects import AlreadyThere, BucketAway, NotThere, ObjectError

OnConflict = Literal["skip", "overwrite", "refuse"]
CHUNK = 1024 * 1024
OTHERS = "there is an object with this key; name another folder, or give --on-conflict overwrite"
THERE = "there is an object with this key already"


class Uploading:
    """The bucket of one export."""

    def __init__(self, place: Place, ledger: Ledger, patience: Patience, on_conflict: OnConflict) -> None:
        self._place, self._ledger, self._patience, self._on_conflict = place, ledger, patience, on_conflict

    def uri(self, key: str) -> str:
        """Return the URI of an object."""
        return self._place.uri(self._key(key))

    def is_own(self, key: str) -> bool:
        """Whether this export has written the object, or has begun to, in a run that did not come to its end."""
        return self._ledger.find(self.uri(key)) is not None

    async def has(self, key: str) -> bool:
        """Whether there is an object with this key; raises ObjectError."""
        try:
            return [found async for found in self._place.bucket.list(self._key(key))] != []
        except NotThere:  # the folder is made when the first object is written
            return False

    async def skips(self, key: str) -> Verdict | None:
        """Return what became of an object that is there and stays, or None if it is to be written."""
        if self._on_conflict == "overwrite" or not await self.has(key):
            return None
        if self.is_own(key):  # the same item: it is whole, because objects appear whole
            return Verdict("skipped", THERE)
        return Verdict("skipped", THERE) if self._on_conflict == "skip" else Verdict("refused", THERE)

    async def write(self, key: str, file: IO[bytes], size: int) -> Verdict:
        """Write the *size* octets of a file as an object."""
        uri, replace = self.uri(key), self._on_conflict == "overwrite" or self.is_own(key)
        version = ""
        if replace or not await self.has(key):  # only then it is this export's own
            self._ledger.put(uri, Entry(version, size, "", "sending"))
        while True:
            try:
                await self._place.bucket.create(self._key(key), _chunks(file), replace=replace)
            except AlreadyThere:
                return Verdict("refused", OTHERS)
            except BucketAway as error:
                replace = replace or self.is_own(key)  # it may be there: who was away has not said so
                if not await self._patience.pause(f"BUCKET: {error}"):
                    return Verdict("failed", str(error))
            except ObjectError as error:
                return Verdict("failed", str(error))
            else:
                self._patience.succeeded()
                digest = await asyncio.to_thread(_digest, file)
                self._ledger.put(uri, Entry(version, size, digest, "stored", "", 1))
                return Verdict("stored")

    async def remove(self, key: str) -> None:
        """Remove an object of an earlier run that has no content any more."""
        await self._place.bucket.remove(self._key(key))
        self._ledger.forget(self.uri(key))

    def _key(self, key: str) -> str:
        return f"{self._place.path.rstrip('/')}/{key}".lstrip("/")


async def _chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    file.seek(0)
    while chunk := await asyncio.to_thread(file.read, CHUNK):
        yield chunk


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
