"""The manifest of a table: it comes back as it was, and a damaged one is named."""

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.tables.columns import Column
from adapters.tables.manifest import MANIFEST, Manifest, Retired, Segment, Shape, TableDamagedError, decode, read, write

SHAPE = Shape((Column("id"), Column("at", "TIMESTAMP")), ("id",), "at", "change")
WHOLE = Manifest(
    SHAPE,
    (Segment("a.parquet", 3, 100, "current", 1, 2), Segment("b.parquet", 4, 50)),
    (Retired("c", 9.5),),
    7,
    12,
    {"x": "y"},
)


@pytest.mark.parametrize("manifest", [Manifest(Shape(())), WHOLE])
def test_back(manifest: Manifest) -> None:
    """A manifest comes back from its octets as it was."""
    assert manifest == decode(manifest.encode())


def test_counts() -> None:
    """It knows how many rows there are, and which segments hold a part of them."""
    assert (7, ["b.parquet"]) == (WHOLE.rows, [each.name for each in WHOLE.of("new")])


def test_written(tmp_path: Path) -> None:
    """Each time it is written the generation grows, and nothing else stays in the folder."""
    written = write(tmp_path, WHOLE)
    assert replace(WHOLE, generation=8) == written == read(tmp_path)
    assert [MANIFEST] == [each.name for each in tmp_path.iterdir()]
    assert 0o600 == (tmp_path / MANIFEST).stat().st_mode & 0o777


@pytest.mark.parametrize(
    "octets", [b"", b"{}", b"[]", b'{"format": 2}', WHOLE.encode()[:-9], WHOLE.encode()[:40] + b"\xff"]
)
def test_damaged(tmp_path: Path, octets: bytes) -> None:
    """A file that is no manifest is named, with what to do."""
    (tmp_path / MANIFEST).write_bytes(octets)
    with pytest.raises(TableDamagedError, match=r"manifest\.json: is no manifest .* restore the file"):
        read(tmp_path)


def test_absent(tmp_path: Path) -> None:
    """Without the file there is no table."""
    with pytest.raises(FileNotFoundError):
        read(tmp_path)
