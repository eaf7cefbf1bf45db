"""The public side becomes what it shall be, in an order in which nobody sees half of it."""

from collections.abc import AsyncIterable
from pathlib import Path

import pytest

from adapters.objects.folder import Folder as FolderBucket
from adapters.pipeline.dataset.publishing import TABLE, Folder, Pictures, Public, folder_of, publish
from gateway.contract.body import Buffer

A, B = "a" * 64, "b" * 64
PICTURE_A, PICTURE_B = f"aa/{A}.webp", f"bb/{B}.webp"


class Telling(FolderBucket):
    """A bucket that tells what is done in it, and fails when it is told to."""

    def __init__(self, root: Path, told: list[str], fails_at: str = "") -> None:
        super().__init__(root)
        self._told, self._fails_at = told, fails_at

    async def create(  # noqa: D102  the bucket's own
        self, key: str, chunks: AsyncIterable[Buffer], *, replace: bool = False
    ) -> None:
        if self._fails_at and self._fails_at in key:
            raise OSError
        self._told.append(f"create {key}")
        await super().create(key, chunks, replace=replace)

    async def remove(self, key: str) -> None:  # noqa: D102  likewise
        self._told.append(f"remove {key}")
        await super().remove(key)


def opened(root: Path, told: list[str], fails_at: str = "") -> tuple[Folder, Folder]:
    """Return the folders of tables and of thumbnails."""
    tables = folder_of("public:data/", Telling(root / "public", told, fails_at))
    return tables, folder_of("thumbs:", Telling(root / "thumbs", told, fails_at))


def files(root: Path) -> set[str]:
    """Return all files."""
    return {str(each.relative_to(root)) for each in root.rglob("*") if each.is_file()}


async def test_publish(tmp_path: Path) -> None:
    """Thumbnails come before the table that names them, its manifest last; a second time nothing is done."""
    told: list[str] = []
    public = Public(b"{1}", {f"{A}.parquet": b"PAR1"}, {PICTURE_A: b"RIFF"})
    assert await publish(public, *opened(tmp_path, told))
    assert told == [
        f"create {PICTURE_A}",
        f"create data/{TABLE}/segments/{A}.parquet",
        f"create data/{TABLE}/manifest.json",
    ]
    told.clear()
    assert not await publish(public, *opened(tmp_path, told))
    assert told == []


async def test_what_is_gone_goes_last(tmp_path: Path) -> None:
    """What the table names no more is removed after the manifest; what is somebody else's stays."""
    told: list[str] = []
    await publish(Public(b"{1}", {f"{A}.parquet": b"1"}, {PICTURE_A: b"1"}), *opened(tmp_path, told))
    (tmp_path / "thumbs" / "logo.webp").write_bytes(b"not ours")
    (tmp_path / "public" / "data" / TABLE / "segments" / "other.parquet").write_bytes(b"not ours")
    told.clear()
    await publish(Public(b"{2}", {f"{B}.parquet": b"2"}, {PICTURE_B: b"2"}), *opened(tmp_path, told))
    assert told[2:] == [
        f"create data/{TABLE}/manifest.json",
        f"remove data/{TABLE}/segments/{A}.parquet",
        f"remove {PICTURE_A}",
    ]
    assert {f"thumbs/{PICTURE_B}", "thumbs/logo.webp", f"public/data/{TABLE}/segments/other.parquet"} < files(tmp_path)


@pytest.mark.parametrize("fails_at", [".webp", "segments", "manifest"])
async def test_after_a_failure(tmp_path: Path, fails_at: str) -> None:
    """Wherever it ends, the old table is whole, and the next run makes the new one."""
    told: list[str] = []
    old = Public(b"{1}", {f"{A}.parquet": b"1"}, {PICTURE_A: b"1"})
    await publish(old, *opened(tmp_path, told))
    before = files(tmp_path)
    new = Public(b"{2}", {f"{B}.parquet": b"2"}, {PICTURE_B: b"2"})
    with pytest.raises(OSError):  # noqa: PT011  whatever it is
        await publish(new, *opened(tmp_path, told, fails_at))
    assert before <= files(tmp_path)
    assert (tmp_path / "public" / "data" / TABLE / "manifest.json").read_bytes() == b"{1}"
    await publish(new, *opened(tmp_path, told))
    assert files(tmp_path) == {
        f"public/data/{TABLE}/manifest.json",
        f"public/data/{TABLE}/segments/{B}.parquet",
        f"thumbs/{PICTURE_B}",
    }


def test_pictures_of_rows_only() -> None:
    """A picture that was made for a row that is held back is none of those to be published: an old one is removed."""
    asked: list[bool] = []

    def load() -> dict[str, bytes]:
        asked.append(True)
        return {"aa/1.webp": b"1", "bb/2.webp": b"2"}

    pictures = Pictures(["aa/1.webp"], load)
    assert {"aa/1.webp", "bb/2.webp"} - pictures.keys() == {"bb/2.webp"}
    assert not asked
    assert pictures["aa/1.webp"] == b"1"
    with pytest.raises(KeyError):
        pictures["bb/2.webp"]
