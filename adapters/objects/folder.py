"""A folder as a bucket: the file ``a/b.dcm`` below it is the object ``a/b.dcm``.

A new file is written beside its place under another name and appears by one act: a hard link where nothing may be
replaced, a rename otherwise. Symbolic links are no objects, and no key leads out of the folder.
"""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable
from itertools import islice
from pathlib import Path
from typing import TypeVar

from adapters.objects.contract import AlreadyThere, BadKey, Found, NotThere
from adapters.objects.files import NewFile, part_of, path_below, refusal_of
from adapters.objects.walking import walked
from adapters.objects.wildcards import check
from gateway.contract.body import Buffer

AT_ONCE = 256
"""Files that are examined in one go of the thread."""
CHUNK = 1024 * 1024
T = TypeVar("T")


class Folder:
    """The bucket in one folder, which is made when the first object is written."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()

    async def list(self, pattern: str) -> AsyncIterator[Found]:
        """Yield each file that *pattern* means, in the order of keys; raises BadPattern."""
        check(pattern)
        if not await asyncio.to_thread(self._root.is_dir):
            raise NotThere("the folder of the bucket does not exist; create it, or correct `url`")
        walk = walked(self._root, pattern)
        while some := await _in_thread(lambda: [*islice(walk, AT_ONCE)]):
            for found in some:
                yield found

    async def read(self, key: str, first: int = 0, count: int | None = None) -> bytes:
        """Return octets of the file."""
        return await _in_thread(lambda: part_of(self._path_of(key), first, count))

    async def stream(self, key: str) -> AsyncIterator[bytes]:
        """Yield the octets of the file."""
        file = await _in_thread(lambda: self._path_of(key).open("rb", buffering=0))
        try:
            while chunk := await _in_thread(lambda: file.read(CHUNK)):
                yield chunk
        finally:
            file.close()

    async def create(self, key: str, chunks: AsyncIterable[Buffer], *, replace: bool = False) -> None:
        """Write a file, which appears when it is whole and on the disk."""
        new = await _in_thread(lambda: NewFile(self._path_of(key), replace=replace))
        try:
            async for chunk in chunks:
                await _in_thread(lambda data=chunk: new.write(data))  # type: ignore[misc]
            await _in_thread(new.appear)
        finally:
            new.drop()

    async def remove(self, key: str) -> None:
        """Remove a file; folders that are empty then stay."""
        await _in_thread(lambda: self._path_of(key).unlink(missing_ok=True))

    def _path_of(self, key: str) -> Path:
        path = path_below(self._root, key)
        if path is None:
            raise BadKey("a folder cannot have an object of this name: a part is empty, `.`, `..`, reserved or a link")
        return path


async def _in_thread(act: Callable[[], T]) -> T:
    """Return what *act* returns; raises ObjectError instead of OSError."""
    try:
        return await asyncio.to_thread(act)
    except FileExistsError:
        raise AlreadyThere("there is an object with this key") from None
    except OSError as error:
        raise refusal_of(error) from None
