"""The parts of a Parquet file: names of columns, what is written beside the values, and each page, decompressed.

The format: https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
"""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.pipeline.gate.parquet.snappy import decompressed
from adapters.pipeline.gate.parquet.thrift import Reader

MAGIC = b"PAR1"
UNCOMPRESSED, SNAPPY, GZIP = 0, 1, 2
GZIP_WINDOW = 31
DATA_V2 = 3
LARGEST_PAGE = 256 * 1024 * 1024
"""Most octets of a page; DuckDB's pages have some 100 kB to 100 MB."""


class ParquetError(ValueError):
    """The file is no Parquet file, or it has parts that cannot be looked into. No value of it is in the text."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """The pages of one column in one group of rows."""

    start: int
    size: int
    codec: int


@dataclass(frozen=True, slots=True)
class Layout:
    """What the footer says."""

    columns: frozenset[str]
    """The columns of the table, without the fields of a RECORD."""
    notes: int
    """Texts of whoever has written the file (key-value metadata), of the file and of its columns."""
    chunks: tuple[Chunk, ...]
    rows: int


def layout_of(octets: bytes) -> Layout:
    """Return what the footer of a file says; raises ParquetError."""
    if len(octets) < 12 or octets[:4] != MAGIC or octets[-4:] != MAGIC:
        raise ParquetError("it is no Parquet file, or it is not complete")
    length = int.from_bytes(octets[-8:-4], "little")
    if length > len(octets) - 12:
        raise ParquetError("its footer is longer than the file")
    try:
        footer = Reader(octets[-8 - length : -8]).struct()
        chunks = [each for group in footer.get(4, []) for each in group[1]]
        found = tuple(_chunk(each[3]) for each in chunks)
        notes = len(footer.get(5, [])) + sum(len(each[3].get(8, [])) for each in chunks)
        columns = frozenset(_top_names(footer[2]))
        rows = int(footer.get(3, 0))
    except ParquetError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError):
        raise ParquetError("its footer cannot be read") from None
    if any(1 in each for each in chunks):
        raise ParquetError("a column of it is in another file")
    return Layout(columns, notes, found, rows)


def pages_of(octets: bytes, layout: Layout) -> Iterator[bytes]:
    """Yield each page as it was before it was compressed; raises ParquetError."""
    for chunk in layout.chunks:
        at, end = chunk.start, chunk.start + chunk.size
        if not 4 <= at < end <= len(octets):
            raise ParquetError("its pages are not where its footer says")
        while at < end:
            try:
                reader = Reader(octets, at)
                head = reader.struct()
                start, size = reader.at, int(head[3])
                at = start + size
            except (ValueError, KeyError, TypeError):  # a ThriftError, or a field of another kind
                raise ParquetError("the head of one of its pages cannot be read") from None
            if not start <= at <= end:
                raise ParquetError("one of its pages is longer than its column")
            try:
                page = _page(octets[start:at], head, chunk.codec)
            except ParquetError:
                raise
            except (ValueError, TypeError, AttributeError):
                raise ParquetError("the head of one of its pages cannot be read") from None
            yield page


def _page(octets: bytes, head: Mapping[int, Any], codec: int) -> bytes:
    most = min(int(head.get(2, 0)), LARGEST_PAGE)
    before = 0
    if head.get(1) == DATA_V2:  # its levels stand before what is compressed
        second = head.get(8, {})
        before = int(second.get(5, 0)) + int(second.get(6, 0))
        codec = codec if second.get(7, True) else UNCOMPRESSED
    values = octets[before:]
    try:
        if codec == SNAPPY:
            values = decompressed(values, most) if values else b""
        elif codec == GZIP:
            inflater = zlib.decompressobj(GZIP_WINDOW)
            values = inflater.decompress(values, most + 1)
            if not inflater.eof or inflater.unused_data:
                raise ParquetError("one of its pages has more in it than its head says")
        elif codec != UNCOMPRESSED:
            raise ParquetError("it is compressed with neither Snappy nor gzip, so that its pages cannot be looked into")
    except (ValueError, zlib.error) as error:
        if isinstance(error, ParquetError):
            raise
        raise ParquetError("one of its pages cannot be decompressed") from None
    return octets[:before] + values


def _chunk(meta: Mapping[int, Any]) -> Chunk:
    start = min(each for each in (meta[9], meta.get(11) or meta[9], meta.get(10) or meta[9]) if each > 0)
    return Chunk(int(start), int(meta[7]), int(meta[4]))


def _top_names(schema: list[Mapping[int, Any]]) -> Iterator[str]:
    """Yield the names of the columns; the schema is a tree, written in depth first (element 0 is its root)."""
    at = 1
    for _ in range(int(schema[0].get(5, 0))):
        yield schema[at][4].decode("utf-8", "replace")
        left = 1
        while left:
            left += int(schema[at].get(5, 0)) - 1
            at += 1
    if at != len(schema):
        raise ParquetError("its footer has columns beside its columns")
