"""The pages of files that DuckDB has written."""

from pathlib import Path

import pytest

from adapters.pipeline.gate.parquet.pages import Chunk, Layout, ParquetError, layout_of, pages_of
from tests.adapters.pipeline.gate.parquet.made import NAMES, compressed, row, segment

pytest.importorskip("duckdb", reason="the extra `tables` is not installed")
ROWS = [row(each) for each in range(300)]


def test_layout(tmp_path: Path) -> None:
    """The columns, with the hidden one, and the rows; a RECORD is one column; DuckDB writes no notes."""
    layout = layout_of(segment(tmp_path, ROWS).read_bytes())
    assert layout.columns == NAMES | {"_row"}
    assert (layout.rows, layout.notes, len(layout.chunks)) == (300, 0, 8)


@pytest.mark.parametrize("compression", ["snappy", "gzip", "uncompressed"])
def test_pages(tmp_path: Path, compression: str) -> None:
    """Every value is in a page, as it is, whatever the compression."""
    octets = compressed(tmp_path, ROWS, compression).read_bytes()
    pages = list(pages_of(octets, layout_of(octets)))
    for each in ROWS:
        assert any(each["report"].encode() in page for page in pages)
    assert any(b"PRIMARY" in page for page in pages)


def test_other_compression(tmp_path: Path) -> None:
    """What cannot be decompressed is refused with the mend."""
    octets = compressed(tmp_path, ROWS, "zstd").read_bytes()
    with pytest.raises(ParquetError, match="neither Snappy nor gzip"):
        list(pages_of(octets, layout_of(octets)))


def test_damaged(tmp_path: Path) -> None:
    """A file that is cut, or has a wrong octet anywhere, is read or raises one error."""
    octets = segment(tmp_path, ROWS[:5]).read_bytes()
    for end in range(0, len(octets), 7):
        with pytest.raises(ParquetError):
            layout_of(octets[:end])
    read = 0
    for at in range(0, len(octets), 3):
        damaged = octets[:at] + bytes([octets[at] ^ 0x55]) + octets[at + 1 :]
        try:
            list(pages_of(damaged, layout_of(damaged)))
            read += 1
        except ParquetError:
            continue
    assert read < len(octets) // 3


def test_elsewhere() -> None:
    """Pages outside of the file are refused."""
    for chunk in (Chunk(0, 10, 0), Chunk(4, 1000, 0), Chunk(-5, 9, 0)):
        with pytest.raises(ParquetError, match="where its footer says"):
            list(pages_of(b"x" * 100, Layout(frozenset(), 0, (chunk,), 1)))
